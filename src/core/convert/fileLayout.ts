/** A file of tensors before its tensors are known: its first bytes, and the place of each tensor. */
export interface FileLayout {
  readonly header: Uint8Array;
  /** In the order of the tensors, in bytes from the start of the file. */
  readonly positions: readonly number[];
  /** Of the whole file. */
  readonly bytes: number;
}
