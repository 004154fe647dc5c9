/** Downloads a source's files into a store, several at a time. */
import { DiffusionError, found } from "../core/error.ts";
import { concurrently } from "../core/weights/concurrently.ts";
import type { DownloadProgress, ModelSource } from "../core/weights/source.ts";
import { download, openStored } from "./download.ts";
import type { UrlOptions } from "./http.ts";
import type { RemoteFile } from "./remoteFile.ts";
import type { Store } from "./store.ts";

/** Default number of concurrent downloads. */
export const defaultParallel = 4;

/** @throws DiffusionError `invalid-request` unless `parallel` is a positive integer */
export function requireParallel(parallel: number, modelName: string): void {
  if (Number.isInteger(parallel) && parallel > 0) return;
  const message = `Cannot read '${modelName}' as 'parallel' must be a positive integer: found ${found(parallel)}`;
  throw new DiffusionError("invalid-request", message);
}

export interface DownloadsOptions {
  readonly http: UrlOptions;
  /** The maximum number of concurrent downloads. */
  readonly parallel: number;
  /** The file with this name; undefined if the store cannot keep it. */
  fileOf(name: string, signal: AbortSignal | undefined): Promise<RemoteFile | undefined>;
  /** Called for each file that the store lacks, before the first download. May throw to prevent the downloads. */
  onMissing?(name: string): void;
  /** Called with each file before it is downloaded. */
  onDownload?(file: RemoteFile, signal: AbortSignal | undefined): Promise<void>;
}

/** Makes a source's `download`, which fetches the files that the store lacks, and its `downloadNeed`. */
export function downloadsInto(
  store: Store,
  { http, parallel, fileOf, onMissing, onDownload }: DownloadsOptions,
): Required<Pick<ModelSource, "download" | "downloadNeed">> {
  const missingOf = async (names: readonly string[], signal: AbortSignal | undefined) => {
    const missing: RemoteFile[] = [];
    for (const name of names) {
      const file = await fileOf(name, signal);
      if (!file || (await openStored(file, store, signal))) continue;
      onMissing?.(name);
      missing.push(file);
    }
    return missing;
  };
  return {
    async download(names, { signal, onProgress } = {}) {
      const missing = await missingOf(names, signal);
      for (const file of missing) await onDownload?.(file, signal);
      await downloadAll(missing, store, { http, parallel, signal, onProgress });
      return missing.length > 0;
    },
    async downloadNeed(names, signal) {
      const missing = await missingOf(names, signal);
      const keys = new Set(missing.map(({ key }) => key));
      const growing = (await store.entries()).filter(({ name, isComplete }) => !isComplete && keys.has(name));
      return {
        totalBytes: missing.reduce((sum, { size }) => sum + size, 0),
        presentBytes: growing.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
  };
}

interface DownloadAllOptions extends Pick<DownloadsOptions, "http" | "parallel"> {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Downloads files. The first failure stops the other downloads, whose received bytes are kept.
 * @throws DiffusionError the first failure, as from `download`
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
  const anySignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const failures: unknown[] = [];
  // No callback rejects, so every download has released its file when this returns.
  await concurrently(files, parallel, async (file) => {
    if (failures.length > 0) return;
    await download(file, store, { http, signal: anySignal, onBytes }).catch((error: unknown) => {
      failures.push(error);
      stop.abort(error);
    });
  });
  if (failures.length > 0) throw failures[0];
}
