/** The positions of a slot whose input embedding is not their token's: iteration smoothing's state. */
export class SoftEmbeddings {
  readonly #vectors = new Map<number, Float32Array>();

  get(position: number): Float32Array | undefined {
    return this.#vectors.get(position);
  }
  /** The position's vector, to be written. */
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
