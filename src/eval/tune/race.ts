/** The comparison of candidates on the same tasks. */
import type { EvalRecord } from "../record.ts";
import { mean, type PairedRates, pairedDifference, pairedRates } from "../statistics.ts";
import type { Candidate } from "./settings.ts";

/** A candidate with its records, in the order in which tasks are run. */
export interface Entrant {
  readonly candidate: Candidate;
  /** By place in the order of tasks; without holes up to `recordCount`. */
  readonly records: (EvalRecord | undefined)[];
  /** Why the engine does not run the candidate; undefined as long as it does. */
  refused?: string;
}

export const costs = ["forwards", "decodeMs"] as const;
export type Cost = (typeof costs)[number];

/** The number of leading tasks that an entrant has records of. */
export function recordCount({ records }: Entrant): number {
  const hole = records.indexOf(undefined);
  return hole < 0 ? records.length : hole;
}

/** The records of the first tasks. All of them must exist. */
export function recordsOf({ records }: Entrant, count: number): readonly EvalRecord[] {
  return records.slice(0, count) as readonly EvalRecord[];
}

/** The accuracy of an entrant minus that of another, paired over the first tasks. */
export function accuracyDifference(entrant: Entrant, other: Entrant, count: number): PairedRates {
  const right = (each: Entrant) => recordsOf(each, count).map((record) => record.right);
  return pairedRates(right(entrant), right(other));
}

export function meanCost(entrant: Entrant, cost: Cost, count: number): number {
  return mean(recordsOf(entrant, count).map((record) => record[cost])).value;
}

/** The accuracy that a candidate may lose against the baseline, as fractions. */
export interface AllowedLoss {
  /** On all tasks together. */
  readonly overall: number;
  /** On each kind of tasks. */
  readonly perKind: number;
}

/**
 * The answers that a candidate may lose against the baseline on a kind with this number of tasks. One wrong answer is no evidence of a
 * loss, however few the tasks are; it counts if nothing at all may be lost.
 */
export function allowedOnKind({ perKind }: Pick<AllowedLoss, "perKind">, tasks: number): number {
  return perKind === 0 ? 0 : Math.max(1, perKind * tasks);
}

export interface RaceOptions {
  readonly baseline: Entrant;
  /** The number of tasks that are compared, from the start of their order. */
  readonly count: number;
  /** The number of tasks of the last comparison, which decides what is lost. */
  readonly lastCount: number;
  readonly allowed: AllowedLoss;
}

/** A kind of tasks, with the answers of an entrant and of the baseline to them, in the same order. */
export interface KindRecords {
  readonly kind: string;
  readonly right: readonly boolean[];
  readonly baselineRight: readonly boolean[];
}

/** The answers to the first tasks by kind, in alphabetical order. */
export function recordsByKind(
  entrant: Entrant,
  { baseline, count }: Pick<RaceOptions, "baseline" | "count">,
): readonly KindRecords[] {
  const records = recordsOf(entrant, count);
  const baselineRecords = recordsOf(baseline, count);
  return [...new Set(records.map(({ kind }) => kind))].sort().map((kind) => {
    const rightOf = (all: readonly EvalRecord[]) =>
      all.filter((_, place) => records[place]!.kind === kind).map(({ right }) => right);
    return { kind, right: rightOf(records), baselineRight: rightOf(baselineRecords) };
  });
}

/** Whether a candidate loses more than is allowed even at the upper bound of its 95 % interval. */
export function losesTooMuch(entrant: Entrant, { baseline, count, allowed }: RaceOptions): boolean {
  return accuracyDifference(entrant, baseline, count).high < -allowed.overall;
}

/** Whether `left` is at least as good as `right` by every measure, and certainly better by a cost. */
export function dominates(left: Entrant, right: Entrant, count: number): boolean {
  const rights = (entrant: Entrant) => recordsOf(entrant, count).filter((record) => record.right).length;
  if (rights(left) < rights(right)) return false;
  const differences = costs.map((cost) => {
    const values = (entrant: Entrant) => recordsOf(entrant, count).map((record) => record[cost]);
    return pairedDifference(values(left), values(right));
  });
  return differences.every(({ value }) => value <= 0) && differences.some(({ high }) => high < 0);
}

export function undominated(entrants: readonly Entrant[], count: number): readonly Entrant[] {
  return entrants.filter((entrant) => !entrants.some((other) => dominates(other, entrant, count)));
}
