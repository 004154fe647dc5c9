/** The result of a search: presets, and what they lose. */
import type { EvalRecord } from "../record.ts";
import { accuracyDifference, costs, type Entrant, meanCost, recordsOf, undominated } from "./race.ts";
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

/** The loss on a kind of task above which a report names the kind, as a fraction. */
const notableLoss = 0.02;

/** The finalists that no other dominates, fewest forwards first. */
export function frontier({ finalists, count }: Finding): readonly Entrant[] {
  return undominated(finalists, count).toSorted(
    (left, right) => meanCost(left, "forwards", count) - meanCost(right, "forwards", count),
  );
}

/**
 * The best candidates by forwards and by time among those that lose at most `maxLoss` against the baseline, which is the best one
 * if there is none. Equal costs are decided by the other cost.
 */
export function choose(finding: Finding, maxLoss: number): readonly [balanced: Entrant, speed: Entrant] {
  const { baseline, finalists, count } = finding;
  const rights = (entrant: Entrant) => recordsOf(entrant, count).filter(({ right }) => right).length;
  // The sum avoids a difference of fractions that is above the limit by rounding only.
  const within = finalists.filter((entrant) => rights(entrant) >= rights(baseline) - maxLoss * count - 1e-9);
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

/** The kinds of tasks on which an entrant loses over two points against the baseline. */
export function kindLosses({ baseline, count }: Finding, entrant: Entrant): readonly KindLoss[] {
  const records = recordsOf(entrant, count);
  const kinds = [...new Set(records.map(({ kind }) => kind))].sort();
  const rightOf = (all: readonly EvalRecord[], kind: string) =>
    all.filter((record) => record.kind === kind && record.right).length;
  return kinds
    .map((kind): KindLoss => {
      return {
        kind,
        tasks: records.filter((record) => record.kind === kind).length,
        right: rightOf(records, kind),
        baselineRight: rightOf(recordsOf(baseline, count), kind),
      };
    })
    .filter(({ tasks, right, baselineRight }) => (baselineRight - right) / tasks > notableLoss);
}

/** The presets as generation_config.json has them. @param measured what was measured, for the `source` */
export function presetsFile(presets: TunedPresets, measured: string): string {
  return `${JSON.stringify({ presets: { source: `measured: ${measured}`, ...presets } }, undefined, 2)}\n`;
}
