/** The rate of the last seconds predicts the next ones better than the average since the start. */
const windowMs = 10_000;
/** The least time between two samples. */
const spacingMs = 100;

/** The rate at which bytes arrive. */
export class Pace {
  readonly #now: () => number;
  /** Oldest first; the first one is at the start of the window or before it. */
  readonly #samples: { readonly ms: number; readonly bytes: number }[];

  /** Starts the clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#samples = [{ ms: now(), bytes: 0 }];
  }

  /**
   * @param bytes since the start
   * @returns recent bytes per second; 0 before any time has passed
   */
  rate(bytes: number): number {
    const ms = this.#now();
    const samples = this.#samples;
    while (samples.length > 1 && samples[1]!.ms <= ms - windowMs) samples.shift();
    const first = samples[0]!;
    if (ms - samples.at(-1)!.ms >= spacingMs) samples.push({ ms, bytes });
    return ms > first.ms ? (1000 * Math.max(0, bytes - first.bytes)) / (ms - first.ms) : 0;
  }
}
