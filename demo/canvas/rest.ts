/** How a commit comes to rest. */

/** CSS milliseconds from a commit, or an edit, to its rest. */
export const commitRestMs = 420;
export const editRestMs = 900;

/** From 0 at the write to 1 at rest, fast at first. */
export function restOf(sinceMs: number, durationMs: number): number {
  if (!(sinceMs < durationMs)) return 1;
  const left = 1 - Math.max(0, sinceMs) / durationMs;
  return 1 - left * left * left;
}
