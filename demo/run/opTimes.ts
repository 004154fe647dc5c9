/** Time by op: what a run took of an engine's totals, and the rows of a table for one run or several. */
import type { EngineStatus } from "../../src/core/index.ts";

export type OpTimes = NonNullable<EngineStatus["times"]>;

/** What was added between two totals of one engine. Ops that did not run in between are left out. */
export function timesSince(before: OpTimes, after: OpTimes): OpTimes {
  const known = new Map(before.map((time) => [time.op, time]));
  return after
    .map(({ op, dispatches, ms }) => {
      const { dispatches: earlier = 0, ms: earlierMs = 0 } = known.get(op) ?? {};
      return { op, dispatches: dispatches - earlier, ms: ms - earlierMs };
    })
    .filter(({ dispatches }) => dispatches > 0);
}

export interface OpRow {
  /** Undefined for the time outside of all ops. */
  readonly op: string | undefined;
  /** By run; undefined where the op did not run. */
  readonly ms: readonly (number | undefined)[];
}

export interface MeasuredRun {
  readonly times: OpTimes;
  /** Time of all passes. */
  readonly elapsedMs: number;
}

/** The op that takes the longest in any run first; the time outside of ops last. */
export function opRows(runs: readonly MeasuredRun[]): readonly OpRow[] {
  const names = new Set(runs.flatMap(({ times }) => times.map(({ op }) => op)));
  const rows = Array.from(names, (op) => {
    return { op, ms: runs.map(({ times }) => times.find((time) => time.op === op)?.ms) };
  });
  const longest = ({ ms }: OpRow) => Math.max(...ms.map((each) => each ?? 0));
  rows.sort((a, b) => longest(b) - longest(a));
  const inOps = ({ times }: MeasuredRun) => times.reduce((sum, { ms }) => sum + ms, 0);
  return [...rows, { op: undefined, ms: runs.map((run) => Math.max(0, run.elapsedMs - inOps(run))) }];
}
