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
   * @param buffer at least `length` bytes: a source may read into it and return a part of it
   * @throws DiffusionError `io` if they cannot be had in full, `aborted` if the signal fires
   */
  read(offset: number, length: number, signal?: AbortSignal, buffer?: Uint8Array): Promise<Uint8Array>;
}
