/** Calls `draw` soon after each request, at most once per interval. The last request is never dropped. */
export class Throttle {
  readonly #draw: () => void;
  readonly #intervalMs: number;
  #drawnAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(draw: () => void, intervalMs: number) {
    this.#draw = draw;
    this.#intervalMs = intervalMs;
  }

  request(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#drawnAt + this.#intervalMs - performance.now();
    if (wait <= 0) this.#now();
    else this.#timer = setTimeout(() => this.#now(), wait);
  }

  /** Cancels a pending request. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #now(): void {
    this.#timer = undefined;
    this.#drawnAt = performance.now();
    this.#draw();
  }
}
