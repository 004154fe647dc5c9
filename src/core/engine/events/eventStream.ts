/** The events of a request as its caller reads them. */
import type { GenerateEvent } from "./events.ts";

/** Starts a request when the first event is asked for, waits for events that are not there yet, and cleans up at the end. */
type Source = AsyncGenerator<GenerateEvent, void, undefined>;

/**
 * An async generator that hands out events that are there already with one promise each. Only the others go through its source,
 * whose nested generators take several promises and turns of the microtask queue for an event: with many rows and a device that reports
 * several steps at once, these were a large part of the host's time.
 */
export class EventStream implements Source {
  readonly #source: Source;
  readonly #takeReady: () => GenerateEvent | undefined;
  /** Calls of the source that are not settled. Later calls go there too, so that the order is kept. */
  #pending = 0;
  #ended = false;

  /** @param takeReady the next event of `source`, if there is one now */
  constructor(source: Source, takeReady: () => GenerateEvent | undefined) {
    this.#source = source;
    this.#takeReady = takeReady;
  }

  next(): Promise<IteratorResult<GenerateEvent, void>> {
    if (this.#pending > 0 || this.#ended) return this.#wait(this.#source.next());
    try {
      const value = this.#takeReady();
      return value ? Promise.resolve({ value, done: false }) : this.#wait(this.#source.next());
    } catch (error) {
      // The event could not be made.
      return this.throw(error);
    }
  }

  return(): Promise<IteratorResult<GenerateEvent, void>> {
    this.#ended = true;
    return this.#wait(this.#source.return());
  }

  throw(error: unknown): Promise<IteratorResult<GenerateEvent, void>> {
    this.#ended = true;
    return this.#wait(this.#source.throw(error));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #wait<T>(result: Promise<T>): Promise<T> {
    this.#pending++;
    try {
      return await result;
    } finally {
      this.#pending--;
    }
  }
}
