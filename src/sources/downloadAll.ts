/** A source's files into a store, several at a time. */
import { DiffusionError, found } from "../core/error.ts";
import { concurrently } from "../core/weights/concurrently.ts";
import type { DownloadProgress, ModelSource } from "../core/weights/source.ts";
import { download, openStored } from "./download.ts";
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

export interface DownloadsOptions {
  readonly http: UrlOptions;
  /** Files under way at a time, at most. */
  readonly parallel: number;
  /** The file of a name; undefined for one that no store can keep. */
  fileOf(name: string, signal: AbortSignal | undefined): Promise<RemoteFile | undefined>;
  /** Called for each file that the store lacks, before any is downloaded; may refuse by throwing. */
  onMissing?(name: string): void;
}

/** A source's `download`: what of its files a store lacks. */
export function downloadsInto(
  store: Store,
  { http, parallel, fileOf, onMissing }: DownloadsOptions,
): NonNullable<ModelSource["download"]> {
  return async (names, { signal, onProgress } = {}) => {
    const missing: RemoteFile[] = [];
    for (const name of names) {
      const file = await fileOf(name, signal);
      if (!file || (await openStored(file, store, signal))) continue;
      onMissing?.(name);
      missing.push(file);
    }
    await downloadAll(missing, store, { http, parallel, signal, onProgress });
    return missing.length > 0;
  };
}

interface DownloadAllOptions extends Pick<DownloadsOptions, "http" | "parallel"> {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Downloads files; the first failure ends the others, which keep what they have.
 * @throws DiffusionError as `download` does, for the first that failed
 */
async function downloadAll(
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
