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

/** The mean of left - right over pairs, for example the difference in accuracy on the same prompts. */
export function pairedDifference(left: readonly number[], right: readonly number[]): Interval {
  return mean(left.map((value, index) => value - right[index]!));
}
