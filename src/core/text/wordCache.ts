/**
 * A cache of the tokens of recently used words. It has two halves: when the newer half is full, it replaces the older one.
 * An exact LRU cache, which moves each used word to the end of one map, accepts ten times as long.
 */
export class WordCache {
  #recent = new Map<string, readonly number[]>();
  #older = new Map<string, readonly number[]>();
  readonly #half: number;
  readonly #maxLength: number;

  /** @param options.maxLength maximum UTF-16 units of a word */
  constructor({ maxWords = 16_384, maxLength = 48 } = {}) {
    this.#half = Math.ceil(maxWords / 2);
    this.#maxLength = maxLength;
  }

  /** Whether a word is short enough for the cache. */
  accepts(word: string): boolean {
    return word.length <= this.#maxLength;
  }

  get(word: string): readonly number[] | undefined {
    const recent = this.#recent.get(word);
    if (recent !== undefined) return recent;
    const tokens = this.#older.get(word);
    if (tokens !== undefined) this.set(word, tokens);
    return tokens;
  }

  set(word: string, tokens: readonly number[]): void {
    if (!this.accepts(word)) return;
    if (this.#recent.size >= this.#half) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(word, tokens);
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }
}
