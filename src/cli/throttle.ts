/** Calls `draw` soon after each request, but never twice within the interval; the last request is never lost. */
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

  /** Forgets what was requested and not drawn yet. */
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
