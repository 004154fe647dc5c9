/** The result of a search: presets, and what they lose. */
import {
  type AllowedLoss,
  accuracyDifference,
  allowedOnKind,
  costs,
  type Entrant,
  meanCost,
  recordsByKind,
  recordsOf,
  undominated,
} from "./race.ts";
import type { Finding } from "./search.ts";
import type { Settings } from "./settings.ts";

/** The presets that a search sets: the baseline, the fewest forwards, and the least time. */
export interface TunedPresets {
  readonly quality: Settings;
  readonly balanced: Settings;
  readonly speed: Settings;
}

export interface KindLoss {
  readonly kind: string;
  readonly tasks: number;
  /** Right answers of the preset and of the baseline. */
  readonly right: number;
  readonly baselineRight: number;
}

/** The finalists that no other dominates, fewest forwards first. */
export function frontier({ finalists, count }: Finding): readonly Entrant[] {
  return undominated(finalists, count).toSorted(
    (left, right) => meanCost(left, "forwards", count) - meanCost(right, "forwards", count),
  );
}

/**
 * The best candidates by forwards and by time among those that lose no more than is allowed against the baseline, which is the best
 * one if there is none. Equal costs are decided by the other cost.
 */
export function choose(finding: Finding, allowed: AllowedLoss): readonly [balanced: Entrant, speed: Entrant] {
  const { baseline, finalists, count } = finding;
  const rights = (entrant: Entrant) => recordsOf(entrant, count).filter(({ right }) => right).length;
  const within = finalists.filter(
    (entrant) =>
      !isAbove(rights(baseline) - rights(entrant), allowed.overall * count) &&
      kindLosses(finding, entrant, allowed).length === 0,
  );
  const cheapest = (order: readonly (typeof costs)[number][]) =>
    [...within, baseline].reduce((best, each) => {
      const cost = order.find((by) => meanCost(each, by, count) !== meanCost(best, by, count));
      return cost && meanCost(each, cost, count) < meanCost(best, cost, count) ? each : best;
    });
  return [cheapest(costs), cheapest(costs.toReversed())];
}

export function lossInterval({ baseline, count }: Finding, entrant: Entrant) {
  return accuracyDifference(entrant, baseline, count);
}

/** The kinds of tasks on which an entrant loses more against the baseline than is allowed. */
export function kindLosses(
  finding: Finding,
  entrant: Entrant,
  allowed: Pick<AllowedLoss, "perKind">,
): readonly KindLoss[] {
  const count = (answers: readonly boolean[]) => answers.filter((right) => right).length;
  return recordsByKind(entrant, finding)
    .map(
      ({ kind, right, baselineRight }): KindLoss => ({
        kind,
        tasks: right.length,
        right: count(right),
        baselineRight: count(baselineRight),
      }),
    )
    .filter(({ tasks, right, baselineRight }) =>
      isAbove(baselineRight - right, allowedOnKind(allowed, tasks)),
    );
}

/** Whether the losses are more than allowed, and not by rounding only. */
function isAbove(losses: number, allowed: number): boolean {
  return losses > allowed + 1e-9;
}

/** The presets as generation_config.json has them. @param measured what was measured, for the `source` */
export function presetsFile(presets: TunedPresets, measured: string): string {
  return `${JSON.stringify({ presets: { source: `measured: ${measured}`, ...presets } }, undefined, 2)}\n`;
}
