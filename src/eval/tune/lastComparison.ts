/** The last comparison of a search: the finalists and the baseline on all tasks, as far as the budget allows. */
import { complete, type Evaluation } from "./budget.ts";
import { type Entrant, meanCost, recordCount } from "./race.ts";

export interface Comparison {
  /** With its records of the tasks of the comparison. */
  readonly baseline: Entrant;
  /** Best first, with their records of the tasks of the comparison. */
  readonly finalists: readonly Entrant[];
  /** The number of these tasks: those that the search kept back, or all if they are few. */
  readonly count: number;
}

/** What answers take beside their decoding, and how much slower than before they may be. */
const margin = 1.5;

/** The time that the entrants need for the tasks that they have not run yet. Each must have run one. */
export function lastComparisonMs(
  entrants: readonly Entrant[],
  { order, jobs }: Pick<Evaluation, "order" | "jobs">,
): number {
  const each = entrants.map((entrant) => {
    const count = recordCount(entrant);
    return (order.length - count) * meanCost(entrant, "decodeMs", count);
  });
  return (margin * each.reduce((sum, ms) => sum + ms, 0)) / jobs;
}

/**
 * Runs the finalists on all tasks, or on as many as the budget allows, and compares them on those that the search kept back, unless the
 * budget ended before half of these.
 * @param searched the number of tasks that the search used
 */
export async function lastComparison(
  finalists: readonly Entrant[],
  baseline: Entrant,
  searched: number,
  options: Evaluation & { readonly budgetMs: number },
): Promise<Comparison> {
  const total = options.order.length;
  await complete([baseline, ...finalists], total, options.budgetMs, options);
  const count = Math.min(...[baseline, ...finalists].map(recordCount));
  const kept = count - searched;
  if (kept < (total - searched) / 2 || kept === 0) return { baseline, finalists, count };
  const ofKept = (entrant: Entrant) => ({ ...entrant, records: entrant.records.slice(searched, count) });
  return { baseline: ofKept(baseline), finalists: finalists.map(ofKept), count: kept };
}
