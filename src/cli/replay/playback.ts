/** The state of a replay under time and keys, as a state machine without a clock. */

export type PlaybackKey = "pause" | "back" | "forward" | "faster" | "slower" | "quit";

/** Limits of the speed: a slower replay seems to stand still, and a faster replay is over at once. */
const minSpeed = 1 / 64;
const maxSpeed = 1024;

export class Playback {
  /** The duration of each step. */
  readonly #stepMs: readonly number[];
  #shownCount = 0;
  #isPaused = false;
  #isOver = false;
  #wasQuit = false;
  #speed: number;
  /** Time until the next step at the trace's own speed. */
  #leftMs: number;

  /** @param speed factor relative to the recorded speed */
  constructor(stepMs: readonly number[], speed: number) {
    this.#stepMs = stepMs;
    this.#speed = speed;
    this.#leftMs = stepMs[0] ?? 0;
  }

  /** Number of displayed steps. */
  get shownCount(): number {
    return this.#shownCount;
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }
  get wasQuit(): boolean {
    return this.#wasQuit;
  }
  /** Whether the replay was quit, or has passed the last step. */
  get isEnded(): boolean {
    return this.#isOver || this.#wasQuit;
  }
  get speed(): number {
    return this.#speed;
  }
  /** Time until the next step; Infinity while paused. */
  get waitMs(): number {
    return this.#isPaused ? Infinity : this.#leftMs / this.#speed;
  }

  /** Advances time. @param ms at most `waitMs` */
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
        this.#speed = Math.min(maxSpeed, this.#speed * 2);
        return;
      case "slower":
        this.#speed = Math.max(minSpeed, this.#speed / 2);
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
