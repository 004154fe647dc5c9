/** Waits that end early when they are told to. */

/** The longest that a timer takes. */
const longestMs = 2 ** 31 - 1;

export class WakingTimer {
  #wake: (() => void) | undefined;
  #isWoken = false;

  /** Ends the wait; without one, the next ends at once. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Returns how long it waited, ms: all of it unless something woke it, or it is longer than a timer takes. */
  async wait(ms: number): Promise<number> {
    const startedAt = performance.now();
    const wantedMs = Math.min(ms, longestMs);
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wantedMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    const waitedMs = this.#isWoken ? Math.min(wantedMs, performance.now() - startedAt) : wantedMs;
    this.#isWoken = false;
    return waitedMs;
  }
}
