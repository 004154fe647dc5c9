/** Where bytes come from: a file, a URL, a Blob. Implementations live in src/sources. */
export interface ByteSource {
  /** How errors name it: a path or a URL. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** A local path, for a backend that reads files itself. */
  readonly path?: string;
  /**
   * Reads exactly `length` bytes from `offset` on.
   * @throws DiffusionError `io` if they cannot be had in full, `aborted` if the signal fires
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
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
}
