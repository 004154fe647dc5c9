/** Hands what a producer pushes to one consumer, in order, with the end or the error behind it. */
export class EventQueue<T> {
  readonly #items: T[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Whether `fail` came before `end`. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** What comes after `fail` is not handed on. */
  push(item: T): void {
    if (this.#failure) return;
    this.#items.push(item);
    this.#wake?.();
  }
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }
  fail(error: unknown): void {
    if (!this.#ended) this.#failure ??= { error };
    this.#wake?.();
  }

  /** Everything pushed, until `end`; throws what `fail` was given once all before it has been taken. */
  async *drain(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift()!;
      if (this.#failure) throw this.#failure.error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
