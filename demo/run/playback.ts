/** Playback of a run: a state machine without a clock. Each function takes a state and returns the next one. */
import { frameAt, type Timeline } from "./timeline.ts";

export interface Playback {
  /** On the timeline. */
  readonly timeMs: number;
  readonly isPlaying: boolean;
  /** Factor of the timeline's own speed. */
  readonly speed: number;
  /** Whether the playback begins again at its end. */
  readonly isLooping: boolean;
  /** Whether the newest frame is shown while the run goes on. */
  readonly isFollowing: boolean;
}

export const minSpeed = 1 / 16;
export const maxSpeed = 64;

export const initialPlayback: Playback = {
  timeMs: 0,
  isPlaying: false,
  speed: 1,
  isLooping: false,
  isFollowing: false,
};

/** Plays on; from the beginning where the playback has ended. */
export function play(state: Playback, timeline: Timeline): Playback {
  const timeMs = state.timeMs >= timeline.endMs ? 0 : state.timeMs;
  return { ...state, timeMs, isPlaying: true, isFollowing: false };
}

export function pause(state: Playback): Playback {
  return { ...state, isPlaying: false, isFollowing: false };
}

/** Shows the newest frame of a run that goes on, and of each that follows. */
export function follow(state: Playback, timeline: Timeline): Playback {
  return { ...state, timeMs: timeline.starts.at(-1)!, isPlaying: false, isFollowing: true };
}

/** Pauses at a frame so many frames further; at the first or the last one where there are fewer. */
export function stepBy(state: Playback, count: number, timeline: Timeline): Playback {
  return seekFrame(pause(state), frameAt(timeline, state.timeMs) + count, timeline);
}

/** Goes to a frame; a playback goes on from there. */
export function seekFrame(state: Playback, frame: number, timeline: Timeline): Playback {
  const index = Math.min(Math.max(0, Math.round(frame)), timeline.starts.length - 1);
  return { ...state, timeMs: timeline.starts[index]!, isFollowing: false };
}

/** Goes to a time; a playback goes on from there. */
export function seekTime(state: Playback, timeMs: number, timeline: Timeline): Playback {
  return { ...state, timeMs: Math.min(Math.max(0, timeMs), timeline.endMs), isFollowing: false };
}

export function withSpeed(state: Playback, speed: number): Playback {
  return { ...state, speed: Math.min(Math.max(minSpeed, speed), maxSpeed) };
}

export function withLoop(state: Playback, isLooping: boolean): Playback {
  return { ...state, isLooping };
}

/** Lets time pass, by the clock of the page; the timeline may have grown since. */
export function elapse(state: Playback, ms: number, timeline: Timeline): Playback {
  if (state.isFollowing) return follow(state, timeline);
  if (!state.isPlaying) return state;
  const timeMs = state.timeMs + Math.max(0, ms) * state.speed;
  if (timeMs < timeline.endMs) return { ...state, timeMs };
  if (state.isLooping) return { ...state, timeMs: timeMs % timeline.endMs };
  return { ...state, timeMs: timeline.endMs, isPlaying: false };
}

export function shownFrame({ timeMs }: Playback, timeline: Timeline): number {
  return frameAt(timeline, timeMs);
}
