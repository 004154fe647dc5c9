/** The numbers of a run by forward, for charts: passes that only encoded the prompt are none. */
import type { Series } from "./series.ts";

export interface ForwardSeries {
  /** By forward, the last frame that has as many; index 0 is before the first forward. */
  readonly frames: readonly number[];
  /** Positions that are still masked after the forward. */
  readonly masksLeft: readonly number[];
  /** Positions that the forward committed. */
  readonly commits: readonly number[];
}

export function byForward({ forwards, masksLeft, commits }: Series): ForwardSeries {
  const frames: number[] = [];
  const committed: number[] = [];
  for (const [frame, count] of forwards.entries()) {
    frames[count] = frame;
    committed[count] = (committed[count] ?? 0) + commits[frame]!;
  }
  return { frames, masksLeft: frames.map((frame) => masksLeft[frame]!), commits: committed };
}

/** Numbers of several runs on one axis: 0 to the most forwards, then the numbers of each; null behind a run's end. */
export function aligned(runs: readonly (readonly number[])[]): [number[], ...(number | null)[][]] {
  const count = Math.max(0, ...runs.map(({ length }) => length));
  const axis = Array.from({ length: count }, (_, forward) => forward);
  return [axis, ...runs.map((numbers) => axis.map((forward) => numbers[forward] ?? null))];
}

/** The run whose number is nearest to another; undefined where no run has one. */
export function nearest(numbers: readonly (number | null | undefined)[], to: number): number | undefined {
  const distances = numbers.map((number) => Math.abs((number ?? Number.POSITIVE_INFINITY) - to));
  const least = Math.min(...distances);
  return Number.isFinite(least) ? distances.indexOf(least) : undefined;
}
