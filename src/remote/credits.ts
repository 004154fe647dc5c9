/** Flow control: the number of events that may still be sent. One sender waits for more. */
export class Credits {
  #available: number;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(count: number) {
    this.#available = count;
  }

  give(count: number): void {
    this.#available += count;
    this.#wake?.();
  }

  /** Ends all current and later calls of `take`, as no more events are to be sent. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Takes a credit, and waits for one if necessary. Returns false once closed. */
  async take(): Promise<boolean> {
    while (this.#available === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#closed) return false;
    this.#available--;
    return true;
  }
}
