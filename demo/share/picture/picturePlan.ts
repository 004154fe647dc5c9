/** When an animated picture shows what: the playback of a run as frames of equal duration, then a rest. */
import { frameAt, type Timeline } from "../../run/index.ts";

export interface PicturePlan {
  /** By frame of the recording, when the picture shows it first, ms. */
  readonly starts: readonly number[];
  /** Ascending; the last one comes to rest. */
  readonly frames: readonly PictureFrame[];
}

export interface PictureFrame {
  /** From the beginning of the picture, ms. */
  readonly atMs: number;
  readonly durationMs: number;
  /** Of the recording. */
  readonly frame: number;
}

/** The masks can be seen before the first pass, and the answer can be read before the picture begins again. */
const introMs = 700;
const restMs = 3000;
/** From the last pass until its commits and edits have come to rest. */
const settleMs = 900;
/** GIF counts in 10 ms, and browsers slow down frames shorter than 20 ms. */
const frameMs = 50;
/** A long run gets longer frames instead of more. */
const maxFrames = 400;

/** @param speed factor of the timeline's own speed */
export function planPicture(timeline: Timeline, speed: number): PicturePlan {
  const starts = timeline.starts.map((start, frame) => (frame === 0 ? 0 : introMs + start / speed));
  const movingMs = starts.at(-1)! + settleMs;
  const durationMs = Math.max(frameMs, 10 * Math.ceil(movingMs / maxFrames / 10));
  const count = Math.ceil(movingMs / durationMs) + 1;
  const frames = Array.from({ length: count }, (_, index) => {
    const atMs = index * durationMs;
    const frame = frameAt({ starts, endMs: movingMs }, atMs);
    return { atMs, frame, durationMs: index + 1 < count ? durationMs : restMs };
  });
  return { starts, frames };
}
