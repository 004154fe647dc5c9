/**
 * The scale on which the values of a numeric parameter are searched, by its declaration: probabilities by their log odds, other
 * positive numbers by their logarithm, around the default. A value has a place in [0, 1] on its scale.
 */
import type { NumberParameter } from "../../core/index.ts";

interface Scale {
  /** The value at a place in [0, 1], rounded to two significant digits. */
  valueAt(place: number): number;
  /** The place of a value, limited to [0, 1]. */
  placeOf(value: number): number;
}

/** Log odds on both sides of the default: 0.9 from 0.31 to 0.994. */
const logOddsReach = 3;
/** Factors on both sides of the default: 0.1 from 0.003 to 3. */
const reach = 32;
const integerReach = 8;
/** The centre of the scale of parameters that are off by default. */
const centre = { probability: 0.9, integer: 8, number: 1 } as const;

export function scaleOf(parameter: NumberParameter<number> | NumberParameter<number | null>): Scale {
  const { minimum, maximum, integer, saturatesAt = maximum } = parameter;
  const limits = { low: minimum, high: Math.min(maximum, saturatesAt) };
  if (integer) {
    // Places of log(1 + value), as 0 can be a value.
    const middle = parameter.default ?? centre.integer;
    const { low, high } = within(
      limits,
      Math.floor(middle / integerReach),
      Math.max(1, middle) * integerReach,
    );
    return scale(Math.log1p, Math.expm1, low, high, Math.round);
  }
  const isProbability = limits.low === 0 && limits.high === 1;
  const middle = parameter.default ?? (isProbability ? centre.probability : centre.number);
  if (isProbability && middle > 0 && middle < 1) {
    const odds = logOdds(middle);
    return scale(
      logOdds,
      probability,
      probability(odds - logOddsReach),
      probability(odds + logOddsReach),
      roundProbability,
    );
  }
  if (middle > 0 && minimum >= 0) {
    const { low, high } = within(limits, middle / reach, middle * reach);
    return scale(Math.log, Math.exp, low, high, roundNumber);
  }
  const { low, high } = within(limits, middle - 1, middle + 1);
  return scale(same, same, low, high, roundNumber);
}

function scale(
  to: (value: number) => number,
  from: (scaled: number) => number,
  low: number,
  high: number,
  round: (value: number) => number,
): Scale {
  const start = to(low);
  const width = to(high) - start;
  return {
    valueAt: (place) => Math.min(round(high), Math.max(round(low), round(from(start + width * place)))),
    placeOf: (value) => Math.min(1, Math.max(0, width === 0 ? 0 : (to(value) - start) / width)) || 0,
  };
}

function within(limits: { readonly low: number; readonly high: number }, low: number, high: number) {
  return { low: Math.max(limits.low, low), high: Math.min(limits.high, high) };
}

const same = (value: number) => value;
const logOdds = (value: number) => Math.log(value / (1 - value));
const probability = (odds: number) => 1 / (1 + Math.exp(-odds));
const roundNumber = (value: number) => Number(value.toPrecision(2));
/** Near 1, the distance from 1 has the significant digits. */
const roundProbability = (value: number) =>
  value < 0.5 ? roundNumber(value) : Number((1 - roundNumber(1 - value)).toFixed(9));
