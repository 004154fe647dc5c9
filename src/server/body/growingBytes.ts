/**
 * Collects bytes that arrive in pieces in one growing buffer. An array of pieces would take about a hundred bytes for each
 * piece, even for one of a single byte.
 */

const firstBytes = 16_384;

export class GrowingBytes {
  readonly #maxBytes: number;
  #buffer = new Uint8Array(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @returns false if the piece would exceed the maximum and was not added */
  add(piece: Uint8Array): boolean {
    const length = this.#length + piece.length;
    if (length > this.#maxBytes) return false;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(piece, this.#length);
    this.#length = length;
    return true;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(minBytes: number): void {
    const size = Math.min(this.#maxBytes, Math.max(minBytes, 2 * this.#buffer.length, firstBytes));
    const grown = new Uint8Array(size);
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
