/** Soft embeddings of a slot by position, which replace the embeddings of their tokens (iteration smoothing). */
export class SoftEmbeddings {
  readonly #vectors = new Map<number, Float32Array>();

  get(position: number): Float32Array | undefined {
    return this.#vectors.get(position);
  }
  /** The vector of a position, for writing. */
  vector(position: number, width: number): Float32Array {
    const known = this.#vectors.get(position);
    if (known) return known;
    const made = new Float32Array(width);
    this.#vectors.set(position, made);
    return made;
  }
  delete(position: number): void {
    this.#vectors.delete(position);
  }
}
