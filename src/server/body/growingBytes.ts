/** Bytes that arrive in pieces, in one buffer that grows: a list of pieces would cost a hundred bytes for a piece of one. */

const firstBytes = 16_384;

export class GrowingBytes {
  readonly #maximum: number;
  #buffer = new Uint8Array(0);
  #length = 0;

  /** @param maximum the most bytes that are kept */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** @returns whether the piece was kept; if not, there would be more bytes than the maximum */
  add(piece: Uint8Array): boolean {
    const length = this.#length + piece.length;
    if (length > this.#maximum) return false;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(piece, this.#length);
    this.#length = length;
    return true;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(least: number): void {
    const size = Math.min(this.#maximum, Math.max(least, 2 * this.#buffer.length, firstBytes));
    const grown = new Uint8Array(size);
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
