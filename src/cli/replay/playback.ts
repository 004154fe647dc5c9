/** How far a replay is, and what time and keys do to it: a state machine without a clock. */

export type PlaybackKey = "pause" | "back" | "forward" | "faster" | "slower" | "quit";

/** Beyond these a replay stands still, or cannot be seen. */
const slowest = 1 / 64;
const fastest = 1024;

export class Playback {
  /** What each step took, ms. */
  readonly #stepMs: readonly number[];
  #shownCount = 0;
  #isPaused = false;
  #isOver = false;
  #wasQuit = false;
  #speed: number;
  /** Until the next step, ms of the trace's time. */
  #leftMs: number;

  /** @param speed how many times as fast as it was */
  constructor(stepMs: readonly number[], speed: number) {
    this.#stepMs = stepMs;
    this.#speed = speed;
    this.#leftMs = stepMs[0] ?? 0;
  }

  /** Steps that are shown. */
  get shownCount(): number {
    return this.#shownCount;
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }
  get wasQuit(): boolean {
    return this.#wasQuit;
  }
  /** Whether it was quit, or is beyond the last step. */
  get isEnded(): boolean {
    return this.#isOver || this.#wasQuit;
  }
  get speed(): number {
    return this.#speed;
  }
  /** Until the next step, ms; Infinity while it is paused. */
  get waitMs(): number {
    return this.#isPaused ? Infinity : this.#leftMs / this.#speed;
  }

  /** Time passes. @param ms at most `waitMs` */
  elapse(ms: number): void {
    if (this.#isPaused) return;
    if (ms >= this.waitMs) this.#forward();
    else this.#leftMs -= ms * this.#speed;
  }

  press(key: PlaybackKey): void {
    switch (key) {
      case "pause":
        this.#isPaused = !this.#isPaused;
        return;
      case "forward":
        this.#isPaused = true;
        this.#forward();
        return;
      case "back":
        this.#isPaused = true;
        this.#goTo(Math.max(0, this.#shownCount - 1));
        return;
      case "faster":
        this.#speed = Math.min(fastest, this.#speed * 2);
        return;
      case "slower":
        this.#speed = Math.max(slowest, this.#speed / 2);
        return;
      case "quit":
        this.#wasQuit = true;
    }
  }

  #forward(): void {
    if (this.#shownCount < this.#stepMs.length) this.#goTo(this.#shownCount + 1);
    else this.#isOver = true;
  }

  #goTo(count: number): void {
    this.#shownCount = count;
    this.#leftMs = this.#stepMs[count] ?? 0;
  }
}
