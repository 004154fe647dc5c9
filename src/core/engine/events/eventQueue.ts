/** A queue from one producer to one consumer: the items in order, then the end or the error. */
export class EventQueue<Item> {
  readonly #items: Item[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Whether `fail` was called before `end`. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Adds an item; after `fail`, items are dropped. */
  push(item: Item): void {
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

  /**
   * Yields `read(item)` for each item when the consumer takes it, until `end`. After `fail`, yields the items that were added
   * before, then throws the error.
   */
  async *drain<Event>(read: (item: Item) => Event): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      while (this.#items.length > 0) yield read(this.#items.shift()!);
      if (this.#failure) throw this.#failure.error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
