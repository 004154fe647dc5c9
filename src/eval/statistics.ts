/** Estimates with 95 % confidence intervals. */

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const z = 1.959964;

/** The rate of successes, with Wilson's score interval (JASA 22, 1927). */
export function wilson(successes: number, count: number): Interval {
  if (count === 0) return { value: Number.NaN, low: 0, high: 1 };
  const value = successes / count;
  const square = (z * z) / count;
  const centre = (value + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((value * (1 - value)) / count + square / (4 * count));
  return { value, low: centre - half, high: centre + half };
}

/** The mean, with the interval of the normal approximation. */
export function mean(values: readonly number[]): Interval {
  const count = values.length;
  const value = values.reduce((sum, each) => sum + each, 0) / count;
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / Math.max(1, count - 1);
  const half = z * Math.sqrt(variance / count);
  return { value, low: value - half, high: value + half };
}

/** The probability that a number of the standard normal distribution is below `value`; within 1e-7 of it. */
export function normalBelow(value: number): number {
  // Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.2.17.
  const t = 1 / (1 + 0.2316419 * Math.abs(value));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp(-(value ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return value < 0 ? above : 1 - above;
}

export interface PairedRates extends Interval {
  /** The standard error of the difference. */
  readonly error: number;
}

/**
 * The difference of two rates of success over pairs, with the interval of Agresti and Min (Statistics in Medicine 24, 2005), whose
 * width stays above 0 if all pairs agree. `value` is the adjusted difference.
 */
export function pairedRates(left: readonly boolean[], right: readonly boolean[]): PairedRates {
  let gains = 0.5;
  let losses = 0.5;
  left.forEach((success, index) => {
    if (success && !right[index]) gains++;
    if (!success && right[index]) losses++;
  });
  const count = left.length + 2;
  const value = (gains - losses) / count;
  const error = Math.sqrt(gains + losses - (gains - losses) ** 2 / count) / count;
  return { value, low: value - z * error, high: value + z * error, error };
}

/** The mean of left - right over pairs, for example the difference in accuracy on the same prompts. */
export function pairedDifference(left: readonly number[], right: readonly number[]): Interval {
  return mean(left.map((value, index) => value - right[index]!));
}
