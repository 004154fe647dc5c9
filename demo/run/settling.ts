/** How long ago each frame was shown first, by the page's clock: what animations are driven by, however the frames are played. */

export class Settling {
  /** By frame. */
  readonly #shownAt: number[] = [];

  /** Tells that a frame is shown from now on. Going backwards forgets the later frames, which come to rest anew. */
  show(frame: number, nowMs: number): void {
    if (frame + 1 < this.#shownAt.length) {
      this.#shownAt.length = frame + 1;
      // What was shown before stays at rest.
      this.#shownAt.fill(Number.NEGATIVE_INFINITY);
    }
    while (this.#shownAt.length <= frame) this.#shownAt.push(nowMs);
  }

  /** Forgets everything, for another run. */
  clear(): void {
    this.#shownAt.length = 0;
  }

  /** Since a frame was shown first; Infinity where it never was. */
  sinceMs(frame: number, nowMs: number): number {
    return nowMs - (this.#shownAt[frame] ?? Number.NEGATIVE_INFINITY);
  }
}
