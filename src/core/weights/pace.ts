/** Bytes of the last seconds say more of the next ones than the average since the start does. */
const windowMs = 10_000;
/** Samples closer than this to the one before tell nothing new. */
const spacingMs = 100;

/** How fast bytes come. */
export class Pace {
  readonly #now: () => number;
  /** The oldest first; the first is from the start of the window or before. */
  readonly #samples: { readonly ms: number; readonly bytes: number }[];

  /** Starts the clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#samples = [{ ms: now(), bytes: 0 }];
  }

  /**
   * @param bytes that came since the start
   * @returns bytes a second of late; 0 as long as no time has passed
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
