/** When each frame of a run is shown, in milliseconds from the beginning of a playback. */
import type { Pass } from "./frame.ts";

export interface Timeline {
  /** By frame, ascending; frame 0 begins at 0. */
  readonly starts: readonly number[];
  readonly endMs: number;
}

/** How long the last frame stays before a playback ends or begins again. */
export const restMs = 1500;

/** Each frame for as long as its next pass took. */
export function recordedTimeline(passes: readonly Pick<Pass, "ms">[]): Timeline {
  return timelineOf(passes.map(({ ms }) => ms));
}

/** Each frame for the same time. */
export function steadyTimeline(passes: readonly unknown[], frameMs: number): Timeline {
  return timelineOf(passes.map(() => frameMs));
}

/** @param durations of all frames but the last */
function timelineOf(durations: readonly number[]): Timeline {
  const starts = [0];
  for (const ms of durations) starts.push(starts.at(-1)! + Math.max(0, ms));
  return { starts, endMs: starts.at(-1)! + restMs };
}

/** Two timelines as one with the frames of both: what a race is played by. */
export function mergedTimeline(a: Timeline, b: Timeline): Timeline {
  const starts = [...new Set([...a.starts, ...b.starts])].sort((x, y) => x - y);
  return { starts, endMs: Math.max(a.endMs, b.endMs) };
}

/** The frame that is shown at a time. */
export function frameAt({ starts }: Timeline, timeMs: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
