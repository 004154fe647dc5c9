/** The `count` offsets with the highest scores; the lowest offset wins ties. In descending order of score. */
export function topK(
  offsets: readonly number[],
  count: number,
  score: (offset: number) => number,
): readonly number[] {
  return [...offsets].sort((a, b) => score(b) - score(a) || a - b).slice(0, count);
}

/** How many of `total` things fall to step `step` of `steps`: an equal share, and one more in the first ones. */
export function share(total: number, steps: number, step: number): number {
  return Math.floor(total / steps) + (step < total % steps ? 1 : 0);
}
