/** Routed rows grouped by expert: row r is the (r mod topK)-th choice of token floor(r / topK). */
export class Grouping {
  readonly #experts: number;
  readonly #topK: number;
  /** Routed rows, expert by expert, ascending within each. */
  readonly rows: Uint32Array;
  /** The token of each entry of `rows`. */
  readonly tokens: Uint32Array;
  /** Where each expert's rows begin; one more entry than experts. */
  readonly #starts: Uint32Array;

  constructor(experts: number, topK: number, capacity: number) {
    this.#experts = experts;
    this.#topK = topK;
    this.rows = new Uint32Array(capacity * topK);
    this.tokens = new Uint32Array(capacity * topK);
    this.#starts = new Uint32Array(experts + 1);
  }

  /** Calls `run` for every expert, with the range of its rows in `rows` and `tokens`. */
  each(
    topkIds: Uint32Array,
    tokens: number,
    run: (expert: number, first: number, count: number) => void,
  ): void {
    this.#group(topkIds, tokens);
    for (let expert = 0; expert < this.#experts; expert++) {
      const first = this.#starts[expert]!;
      run(expert, first, this.#starts[expert + 1]! - first);
    }
  }

  /** A counting sort of the first `tokens * topK` ids. */
  #group(topkIds: Uint32Array, tokens: number): void {
    const routed = tokens * this.#topK;
    const starts = this.#starts;
    starts.fill(0);
    for (let row = 0; row < routed; row++) starts[topkIds[row]! + 1]!++;
    for (let expert = 0; expert < this.#experts; expert++) starts[expert + 1]! += starts[expert]!;
    const next = starts.slice(0, this.#experts);
    for (let row = 0; row < routed; row++) {
      const place = next[topkIds[row]!]!++;
      this.rows[place] = row;
      this.tokens[place] = Math.floor(row / this.#topK);
    }
  }
}
