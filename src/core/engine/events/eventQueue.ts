/** A queue from one producer to one consumer: the items in order, then the end or the error. */
export class EventQueue<Item extends object> {
  /** Taken from the front, at `#next`; replaced by `#added` once all are taken, so that nothing is shifted. */
  #taking: readonly Item[] = [];
  #added: Item[] = [];
  #next = 0;
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
    this.#added.push(item);
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

  /** Removes and returns the oldest item; undefined if there is none now. */
  take(): Item | undefined {
    if (this.#next === this.#taking.length) {
      if (this.#added.length === 0) return undefined;
      this.#taking = this.#added;
      this.#added = [];
      this.#next = 0;
    }
    return this.#taking[this.#next++];
  }

  /**
   * Yields `read(item)` for each item when the consumer takes it, until `end`. After `fail`, yields the items that were added
   * before, then throws the error.
   */
  async *drain<Event>(read: (item: Item) => Event): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      for (let item = this.take(); item !== undefined; item = this.take()) yield read(item);
      if (this.#failure) throw this.#failure.error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
