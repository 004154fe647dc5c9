/** The comparison of candidates on the same tasks: which of them stay in the race. */
import type { EvalRecord } from "../record.ts";
import { mean, normalBelow, type PairedRates, pairedDifference, pairedRates } from "../statistics.ts";
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

export interface RaceOptions {
  readonly baseline: Entrant;
  /** The number of tasks that are compared, from the start of their order. */
  readonly count: number;
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

/**
 * The expected gain of a candidate: the probability that it loses no more than is allowed, overall and on every kind of tasks, times
 * the logarithm of its speed. With the logarithm, hardly probable candidates do not win by their speed alone. The kinds count as
 * independent: a candidate that loses a little on each of several kinds is less probable than one that loses on one.
 * @param caution the power of that probability
 */
export function gain(entrant: Entrant, cost: Cost, options: RaceOptions, caution = 1): number {
  const { baseline, count, allowed } = options;
  const within = ({ value, error }: PairedRates, loss: number) => normalBelow((value + loss) / error);
  const overall = within(accuracyDifference(entrant, baseline, count), allowed.overall);
  const perKind = recordsByKind(entrant, options).map(({ right, baselineRight }) =>
    within(pairedRates(right, baselineRight), allowed.perKind),
  );
  const speed = meanCost(baseline, cost, count) / Math.max(Number.MIN_VALUE, meanCost(entrant, cost, count));
  const probability = perKind.reduce((all, each) => all * each, overall);
  return probability ** caution * Math.log1p(speed);
}

/**
 * On few tasks every candidate may be within the allowed loss, and the fastest ones win. A ranking with caution keeps others beside
 * them, so that some are left when more tasks show what the fastest ones lose.
 */
const cautions = [1, 4] as const;

/** Tasks from which on domination counts: on fewer, an entrant that is only fast would remove better ones by luck. */
const dominanceCount = 30;

/**
 * The best entrants, by turns by forwards and by time, with less and with more caution, without those that lose too much accuracy or
 * that another one dominates.
 */
export function best(entrants: readonly Entrant[], keep: number, options: RaceOptions): readonly Entrant[] {
  const running = entrants.filter(({ refused }) => refused === undefined);
  const able = running.filter((entrant) => !losesTooMuch(entrant, options));
  const front = options.count < dominanceCount ? able : undominated(able, options.count);
  const rankings = cautions.flatMap((caution) =>
    costs.map((cost) => {
      const gains = new Map(front.map((entrant) => [entrant, gain(entrant, cost, options, caution)]));
      return front.toSorted((left, right) => gains.get(right)! - gains.get(left)!);
    }),
  );
  const chosen = new Set(front.flatMap((_, rank) => rankings.map((ranking) => ranking[rank]!)));
  return [...chosen].slice(0, keep);
}
