import type { ByteSource } from "../byteSource.ts";

export type { ByteSource };

/** The progress of a download. */
export interface DownloadProgress {
  /** Bytes present, of those that were missing at the start. Decreases where a part has to be fetched again. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** Bytes that came over the network; the others are from an earlier download. */
  readonly receivedBytes: number;
}

/** What a download would fetch. */
export interface DownloadNeed {
  /** Bytes of the files that are not complete here. */
  readonly totalBytes: number;
  /** Bytes of these files that an earlier download left. */
  readonly presentBytes: number;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** A model's files: config.json, tokenizer.json, *.safetensors and so on. */
export interface ModelSource {
  /** For errors. */
  readonly name: string;
  /** The names of all files, relative, with `/`. */
  list(signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * @throws DiffusionError `not-found` if there is no such file, `invalid-file` if the name leaves the source
   */
  open(name: string, signal?: AbortSignal): Promise<ByteSource>;
  /**
   * Downloads and verifies files; absent where a source has no local store. A file that was opened before may be read over
   * the network, unverified; one that is opened afterwards is local.
   * @returns whether a file was missing
   * @throws DiffusionError `not-found`, `io`, `aborted`; the bytes received so far are kept for the next attempt
   */
  download?(names: readonly string[], options?: DownloadOptions): Promise<boolean>;
  /** What `download` would fetch. Absent where `download` is. @throws as `download` */
  downloadNeed?(names: readonly string[], signal?: AbortSignal): Promise<DownloadNeed>;
}
