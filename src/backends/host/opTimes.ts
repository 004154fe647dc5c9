/** Time by op. The clock is read once an op, which is nothing beside the op's own work: so a CPU is always measured. */
import type { Backend } from "../../core/tensor/index.ts";

export class OpTimes {
  readonly #totals = new Map<string, { op: string; dispatches: number; ms: number }>();

  /** Runs an op that began at a time of `performance.now()`. @returns the time at which it ended */
  run(op: string, beganMs: number, work: () => void): number {
    work();
    const endedMs = performance.now();
    const total = this.#totals.get(op) ?? { op, dispatches: 0, ms: 0 };
    total.dispatches++;
    total.ms += endedMs - beganMs;
    this.#totals.set(op, total);
    return endedMs;
  }

  /** Times so far, the longest first. */
  get list(): NonNullable<Backend["times"]> {
    return [...this.#totals.values()].map((total) => ({ ...total })).sort((a, b) => b.ms - a.ms);
  }
}
