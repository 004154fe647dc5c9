/** The playback of the runs: what frame of each is shown, how fast frames follow one another, and the page's clock. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { growth, isRunning, run, runs } from "../engine/runState.ts";
import {
  elapse,
  follow,
  frameAt,
  initialPlayback,
  type Lane,
  mergedTimeline,
  oneTokenPerForward,
  type Playback,
  pause,
  play,
  type Recording,
  recordedTimeline,
  seekFrame,
  seekTime,
  steadyTimeline,
  stepBy,
  type Timeline,
  withSpeed,
} from "../run/index.ts";

/** `steady`: each pass is shown for the same time. `measured`: for the time that it took. */
export type Pace = "steady" | "measured";

/** At speed 1 a person can follow eight passes in a second. */
const steadyFrameMs = 125;

export const pace = signal<Pace>("steady");
export const playback = signal<Playback>(initialPlayback);

const nothing: Timeline = { starts: [0], endMs: 0 };
function timelineOf(recording: Recording | undefined): Timeline {
  if (!recording) return nothing;
  const { passes } = recording;
  return pace.value === "steady" ? steadyTimeline(passes, steadyFrameMs) : recordedTimeline(passes);
}

/** By lane, the recordings that are shown, once they have a frame. They are the same objects while they grow. */
export const recordings = computed((): readonly (Recording | undefined)[] => {
  void growth.value;
  return runs.value.map(({ recording }) => (recording.frameCount > 0 ? recording : undefined));
});
export const timelines = computed(() => recordings.value.map(timelineOf));
/** By lane; -1 where there is none. */
export const frameIndexes = computed(() =>
  timelines.value.map((each, lane) => (recordings.value[lane] ? frameAt(each, playback.value.timeMs) : -1)),
);

/** The same of the first lane. */
export const recording = computed(() => recordings.value[0]);
export const timeline = computed(() => timelines.value[0] ?? nothing);
export const frameIndex = computed(() => frameIndexes.value[0] ?? -1);

/** The frames of all lanes on one clock. */
export const commonTimeline = computed(() => timelines.value.reduce(mergedTimeline, nothing));
export const commonIndex = computed(() => frameAt(commonTimeline.value, playback.value.timeMs));

/** The first lane's run with one token per forward, once it is complete. */
export const otherLane = computed(() => {
  const isDone = run.value?.status === "done";
  return isDone && recording.value ? oneTokenPerForward(recording.value) : undefined;
});

export const otherTimeline = computed(() => (otherLane.value ? timelineOf(otherLane.value) : undefined));
/** Whether the playback goes on until the other lane has ended too. */
export const isRacing = signal(false);

const played = computed((): Timeline => {
  const other = isRacing.value ? otherTimeline.value : undefined;
  return other && other.endMs > commonTimeline.value.endMs ? other : commonTimeline.value;
});

/** Whether time passes for the playback. */
export const isMoving = computed(() => playback.value.isPlaying || playback.value.isFollowing);

export function playOn(): void {
  playback.value = play(playback.value, played.value);
}
export function replay(): void {
  playback.value = play({ ...playback.value, timeMs: 0 }, played.value);
}
export function pausePlayback(): void {
  playback.value = pause(playback.value);
}
export function step(count: number): void {
  playback.value = stepBy(playback.value, count, commonTimeline.value);
}
/** Pauses at a frame of a lane; the other lane is shown at the same time of the playback. */
export function showFrame(frame: number, lane: Lane = 0): void {
  playback.value = seekFrame(pause(playback.value), frame, timelines.value[lane] ?? nothing);
}
/** Pauses at a frame of the common timeline. */
export function showCommonFrame(index: number): void {
  playback.value = seekFrame(pause(playback.value), index, commonTimeline.value);
}
export function setSpeed(speed: number): void {
  playback.value = withSpeed(playback.value, speed);
}
/** Keeps the frame of the longest lane that is shown. */
export function setPace(chosen: Pace): void {
  const counts = timelines.value.map(({ starts }) => starts.length);
  const longest = counts.indexOf(Math.max(...counts));
  const frame = frameIndexes.value[longest];
  pace.value = chosen;
  if (frame !== undefined) playback.value = seekFrame(playback.value, frame, timelines.value[longest]!);
}

/** Lets time pass. While a run goes on, the playback waits at its newest frame. */
function pass(ms: number): void {
  const next = elapse(playback.value, ms, played.value);
  const newestMs = commonTimeline.value.starts.at(-1)!;
  const isAhead = isRunning.value && !next.isFollowing && next.timeMs >= newestMs;
  playback.value = isAhead ? { ...next, timeMs: newestMs, isPlaying: true } : next;
}

let lastMs: number | undefined;
function onFrame(nowMs: number): void {
  if (!isMoving.value) {
    lastMs = undefined;
    return;
  }
  pass(lastMs === undefined ? 0 : nowMs - lastMs);
  lastMs = nowMs;
  requestAnimationFrame(onFrame);
}

/**
 * A new run is played from its beginning, while it goes on. Two runs follow one another: the newest frames are shown until
 * both have ended, and then both are played from their beginning, side by side.
 */
let shownRun: Recording | undefined;
effect(() => {
  const begun = recording.value;
  if (begun === shownRun) return;
  shownRun = begun;
  isRacing.value = false;
  if (!begun) return;
  playback.value =
    runs.peek().length > 1
      ? follow(playback.peek(), commonTimeline.peek())
      : play(seekTime(playback.peek(), 0, timeline.peek()), timeline.peek());
});
effect(() => {
  if (!isRunning.value && playback.peek().isFollowing) untracked(replay);
});

effect(() => {
  if (isMoving.value) requestAnimationFrame(onFrame);
});
