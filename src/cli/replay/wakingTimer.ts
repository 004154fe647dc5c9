/** A timer whose wait can be ended early. */

/** The longest delay of `setTimeout`. */
const maxDelayMs = 2 ** 31 - 1;

export class WakingTimer {
  #wake: (() => void) | undefined;
  #isWoken = false;

  /** Ends the current wait, or else the next wait as soon as it starts. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Waits, and returns the waited time. The wait is shorter after `wake`, or beyond the longest delay of a timer. */
  async wait(ms: number): Promise<number> {
    const startedAt = performance.now();
    const wantedMs = Math.min(ms, maxDelayMs);
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
