/** The `count` offsets with the highest scores, in descending order of score. Lower offsets win ties. */
export function topK(
  offsets: readonly number[],
  count: number,
  score: (offset: number) => number,
): readonly number[] {
  return [...offsets].sort((a, b) => score(b) - score(a) || a - b).slice(0, count);
}

/**
 * The number of positions that step `step` commits if `steps` steps divide `total` positions evenly. If there is a
 * remainder, the first steps commit one more.
 */
export function evenTransferCount(total: number, steps: number, step: number): number {
  return Math.floor(total / steps) + (step < total % steps ? 1 : 0);
}
