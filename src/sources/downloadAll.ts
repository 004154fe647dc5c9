/** Several files into a store at a time. */
import { DiffusionError, found } from "../core/error.ts";
import { concurrently } from "../core/weights/concurrently.ts";
import type { DownloadProgress } from "../core/weights/source.ts";
import { download } from "./download.ts";
import type { UrlOptions } from "./http.ts";
import type { RemoteFile } from "./remoteFile.ts";
import type { Store } from "./store.ts";

/** Files under way at a time. */
export const defaultParallel = 4;

/** @throws DiffusionError `invalid-request` unless it is a positive integer */
export function requireParallel(parallel: number, modelName: string): void {
  if (Number.isInteger(parallel) && parallel > 0) return;
  const message = `Cannot read '${modelName}' as 'parallel' must be a positive integer: found ${found(parallel)}`;
  throw new DiffusionError("invalid-request", message);
}

export interface DownloadAllOptions {
  readonly http: UrlOptions;
  /** Files under way at a time, at most. */
  readonly parallel: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Downloads files; the first failure ends the others, which keep what they have.
 * @throws DiffusionError as `download` does, for the first that failed
 */
export async function downloadAll(
  files: readonly RemoteFile[],
  store: Store,
  { http, parallel, signal, onProgress }: DownloadAllOptions,
): Promise<void> {
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  let loadedBytes = 0;
  let receivedBytes = 0;
  const onBytes = (bytes: number, received: boolean) => {
    loadedBytes += bytes;
    if (received) receivedBytes += bytes;
    onProgress?.({ loadedBytes, totalBytes, receivedBytes });
  };
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const failures: unknown[] = [];
  // No call rejects: all have let go of their files when this ends.
  await concurrently(files, parallel, async (file) => {
    if (failures.length > 0) return;
    await download(file, store, { http, signal: either, onBytes }).catch((error: unknown) => {
      failures.push(error);
      stop.abort(error);
    });
  });
  if (failures.length > 0) throw failures[0];
}
