/** Which candidates stay in the race. */
import { normalBelow, type PairedRates, pairedRates } from "../statistics.ts";
import {
  accuracyDifference,
  allowedOnKind,
  type Cost,
  costs,
  type Entrant,
  losesTooMuch,
  meanCost,
  type RaceOptions,
  recordsByKind,
  undominated,
} from "./race.ts";

/** What is expected of a candidate. */
interface Prospect {
  readonly entrant: Entrant;
  /** That the candidate loses no more than is allowed. */
  readonly probability: number;
  /** Logarithm of one plus the speed against the baseline: hardly probable candidates do not win by their speed alone. */
  readonly speed: number;
}

/**
 * The probability that a candidate loses no more than is allowed, overall and on every kind of tasks. The kinds count as independent: a
 * candidate that loses a little on each of several kinds is less probable than one that loses on one. No kind counts for a candidate, only
 * against it: that none of the few tasks of a kind is lost, is expected.
 */
function probabilityWithin(entrant: Entrant, options: RaceOptions): number {
  const { baseline, count, lastCount, allowed } = options;
  const within = ({ value, error }: PairedRates, loss: number) => normalBelow((value + loss) / error);
  const overall = within(accuracyDifference(entrant, baseline, count), allowed.overall);
  return recordsByKind(entrant, options).reduce((product, { right, baselineRight }) => {
    const lastTasks = (right.length / count) * lastCount;
    const loss = allowedOnKind(allowed, lastTasks) / lastTasks;
    const found = within(pairedRates(right, baselineRight), loss);
    return product * Math.min(1, found / within(pairedRates(baselineRight, baselineRight), loss));
  }, overall);
}

function logSpeed(entrant: Entrant, cost: Cost, { baseline, count }: RaceOptions): number {
  const own = Math.max(Number.MIN_VALUE, meanCost(entrant, cost, count));
  return Math.log1p(meanCost(baseline, cost, count) / own);
}

/** The power of a probability by which the cautious ranking goes. */
const caution = 4;

/** By the expected speed, with caution: while few tasks have been run, every candidate may be within the allowed loss. */
function cautious(prospects: readonly Prospect[]): readonly Prospect[] {
  const score = ({ probability, speed }: Prospect) => probability ** caution * speed;
  return prospects.toSorted((left, right) => score(right) - score(left));
}

/**
 * The candidates by what each adds to the expected speed of the fastest one within the allowed loss, given those before it: beside a
 * safe candidate a faster one adds more than a second safe one, though it is less probable. At most `count`.
 */
function portfolio(prospects: readonly Prospect[], count: number): readonly Prospect[] {
  const left = new Set(prospects);
  const chosen: Prospect[] = [];
  while (chosen.length < count && left.size > 0) {
    const fastestFirst = chosen.toSorted((one, other) => other.speed - one.speed);
    const gains = new Map([...left].map((prospect) => [prospect, addedSpeed(prospect, fastestFirst)]));
    const next = [...left].reduce((best, each) => (gains.get(each)! > gains.get(best)! ? each : best));
    left.delete(next);
    chosen.push(next);
  }
  return chosen;
}

/** By how much a candidate raises the expected speed of the fastest one within the allowed loss. */
function addedSpeed({ probability, speed }: Prospect, fastestFirst: readonly Prospect[]): number {
  let added = 0;
  let noneBefore = 1;
  for (const other of fastestFirst) {
    added += noneBefore * other.probability * Math.max(0, speed - other.speed);
    noneBefore *= 1 - other.probability;
  }
  return probability * (added + noneBefore * speed);
}

/** Tasks from which on domination counts: on fewer, an entrant that is only fast would remove better ones by luck. */
const dominanceCount = 30;

/**
 * The best entrants, by turns of a portfolio and a cautious ranking, each by forwards and by time; without those that lose too much
 * accuracy or that another one dominates.
 */
export function best(entrants: readonly Entrant[], keep: number, options: RaceOptions): readonly Entrant[] {
  const running = entrants.filter(({ refused }) => refused === undefined);
  const able = running.filter((entrant) => !losesTooMuch(entrant, options));
  const front = options.count < dominanceCount ? able : undominated(able, options.count);
  const probabilities = front.map((entrant) => probabilityWithin(entrant, options));
  const rankings = costs.flatMap((cost) => {
    const prospects = front.map(
      (entrant, index): Prospect => ({
        entrant,
        probability: probabilities[index]!,
        speed: logSpeed(entrant, cost, options),
      }),
    );
    return [portfolio(prospects, keep), cautious(prospects)];
  });
  const byTurns = front.flatMap((_, rank) => rankings.flatMap((ranking) => ranking[rank]?.entrant ?? []));
  return [...new Set(byTurns)].slice(0, keep);
}
