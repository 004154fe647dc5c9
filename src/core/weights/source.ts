import type { ByteSource } from "../byteSource.ts";

export type { ByteSource };

/** How far a download has come. */
export interface DownloadProgress {
  /** Of what was missing at the start; less than before where something had to be given up. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** What of it came over the network by now: the rest was there from an earlier download. */
  readonly receivedBytes: number;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** A model's files: config.json, tokenizer.json, *.safetensors and so on. */
export interface ModelSource {
  /** How errors name it. */
  readonly name: string;
  /** The names of all files, relative, with `/`. */
  list(signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * @throws DiffusionError `not-found` if there is no such file, `invalid-file` if the name leaves the source
   */
  open(name: string, signal?: AbortSignal): Promise<ByteSource>;
  /**
   * Makes files local and checks them; absent where a source has no place for that. What is opened before it may be read
   * from afar and unchecked, what is opened after it is not.
   * @returns whether something was missing before
   * @throws DiffusionError `not-found`, `io`, `aborted`: what has come by then is kept for the next time
   */
  download?(names: readonly string[], options?: DownloadOptions): Promise<boolean>;
}
