/**
 * The search for presets: generations of candidates, each a successive halving on growing prefixes of the tasks (Jamieson and
 * Talwalkar, AISTATS 2016); later generations vary the best candidates so far, as iterated racing does (López-Ibáñez et al.,
 * Operations Research Perspectives 3, 2016). Then the best candidates and the baseline run all tasks, as far as the budget allows.
 */
import { DiffusionError } from "../../core/index.ts";
import { complete, type Evaluation } from "./budget.ts";
import { type Comparison, lastComparison, lastComparisonMs } from "./lastComparison.ts";
import { type AllowedLoss, type Entrant, recordCount } from "./race.ts";
import { best } from "./ranking.ts";
import type { Candidate } from "./settings.ts";

export interface SearchOptions extends Evaluation {
  readonly baseline: Candidate;
  /** The candidates of a generation; none ends the search. @param elite the best candidates so far, best first */
  propose(generation: number, elite: readonly Candidate[]): readonly Candidate[];
  readonly budgetMs: number;
  readonly allowed: AllowedLoss;
  /** Tasks of the first comparison. */
  readonly firstCount: number;
  onPhase(phase: Phase): void;
}

export interface Phase {
  /** The last phase has none. */
  readonly generation: number | undefined;
  readonly tasks: number;
  readonly candidates: number;
  /** The best so far; undefined before the first generation has ended. */
  readonly leader: Candidate | undefined;
}

export interface Finding extends Comparison {
  /** All candidates that were run. */
  readonly entrants: readonly Entrant[];
}

/** The part of the budget that the search has at least, whatever the last comparison needs. */
const searchShare = 0.6;
const halvings = [1, 2, 4, 8];
/** Two of each of four rankings. */
const eliteSize = 8;
/**
 * From this number of tasks on, the search uses one half, and the last comparison the other: the best of hundreds of candidates on some
 * tasks are partly lucky there, and look better than they are.
 */
const enoughToKeepBack = 200;

/** @throws DiffusionError `invalid-request` if the budget ends before the first comparison; and as `run` does */
export async function search(options: SearchOptions): Promise<Finding> {
  const { order, baseline: candidate, propose, budgetMs, allowed, firstCount, onPhase } = options;
  const baseline: Entrant = { candidate, records: [] };
  const entrants = new Map<string, Entrant>();
  const total = order.length;
  const searched = total >= enoughToKeepBack ? Math.ceil(total / 2) : total;
  const lastCount = total > searched ? total - searched : total;
  let elite: readonly Entrant[] = [];
  let generation = 0;
  let compared = false;
  const round = async (runners: readonly Entrant[], tasks: number, keep: number) => {
    const count = Math.min(searched, tasks);
    onPhase({ generation, tasks: count, candidates: runners.length, leader: elite[0]?.candidate });
    const reserved = elite.length > 0 ? lastComparisonMs([baseline, ...elite], options) : budgetMs;
    const untilMs = Math.max(searchShare * budgetMs, budgetMs - reserved);
    const done = await complete([baseline, ...runners], count, untilMs, options);
    if (!done) return undefined;
    compared = true;
    return best(runners, keep, { baseline, count, lastCount, allowed });
  };
  /** Whether the generation ended within its part of the budget. */
  const runGeneration = async (fresh: readonly Entrant[]): Promise<boolean> => {
    let running: readonly Entrant[] = fresh;
    for (const factor of halvings) {
      const kept = await round(
        running,
        factor * firstCount,
        Math.max(eliteSize, Math.ceil(running.length / 2)),
      );
      if (!kept) return false;
      running = kept;
      if (generation === 0) elite = kept.slice(0, eliteSize);
    }
    const depth = firstCount * (halvings.at(-1)! + 4 * generation);
    const kept = await round([...new Set([...elite, ...running])], depth, eliteSize);
    if (kept) elite = kept;
    return kept !== undefined;
  };
  for (; ; generation++) {
    const proposed = propose(
      generation,
      elite.map((entrant) => entrant.candidate),
    );
    const fresh = proposed
      .filter(({ name }) => !entrants.has(name))
      .map((each): Entrant => ({ candidate: each, records: [] }));
    for (const entrant of fresh) entrants.set(entrant.candidate.name, entrant);
    if (fresh.length === 0 || !(await runGeneration(fresh))) break;
  }
  if (!compared) {
    const message = `Cannot tune as '--budget' must last for a comparison on ${firstCount} tasks: it ended before, after ${recordCount(baseline)} tasks of the baseline; the same command continues from there`;
    throw new DiffusionError("invalid-request", message);
  }
  onPhase({ generation: undefined, tasks: total, candidates: elite.length, leader: elite[0]?.candidate });
  const last = await lastComparison(elite, baseline, searched, options);
  return { ...last, entrants: [...entrants.values()] };
}
