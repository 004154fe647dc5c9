/** How many events may still be sent; one taker waits for more. */
export class Credits {
  #left: number;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(count: number) {
    this.#left = count;
  }

  give(count: number): void {
    this.#left += count;
    this.#wake?.();
  }

  /** Nothing is to be sent any more. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Takes one as soon as there is one. Returns false once closed. */
  async take(): Promise<boolean> {
    while (this.#left === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#closed) return false;
    this.#left--;
    return true;
  }
}
