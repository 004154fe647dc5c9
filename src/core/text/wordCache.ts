/**
 * Tokens of words that were encoded before: the most recently used ones, so many at most. Two halves, of which the older
 * one goes as a whole when the newer one is full: moving each word that is used to the end of one map costs ten times as
 * much.
 */
export class WordCache {
  #recent = new Map<string, readonly number[]>();
  #older = new Map<string, readonly number[]>();
  readonly #half: number;
  readonly #maxLength: number;

  /** @param options.maxLength UTF-16 units of the longest word that is kept */
  constructor({ maxWords = 16_384, maxLength = 48 } = {}) {
    this.#half = Math.ceil(maxWords / 2);
    this.#maxLength = maxLength;
  }

  /** Whether a word is short enough to be kept. */
  takes(word: string): boolean {
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
    if (!this.takes(word)) return;
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
