/** The playback of the run: what frame is shown, how fast frames follow one another, and the page's clock. */
import { computed, effect, signal } from "@preact/signals";
import { growth, run } from "../engine/runState.ts";
import {
  elapse,
  frameAt,
  initialPlayback,
  oneTokenPerForward,
  type Playback,
  pause,
  play,
  type Recording,
  recordedTimeline,
  seekFrame,
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

function timelineOf(recording: Recording): Timeline {
  const { passes } = recording;
  return pace.value === "steady" ? steadyTimeline(passes, steadyFrameMs) : recordedTimeline(passes);
}

/** The recording that is shown, once it has a frame. It is the same object while it grows. */
export const recording = computed(() => {
  void growth.value;
  const shown = run.value?.recording;
  return shown && shown.frameCount > 0 ? shown : undefined;
});

export const timeline = computed((): Timeline => {
  void growth.value;
  return recording.value ? timelineOf(recording.value) : { starts: [0], endMs: 0 };
});

/** -1 where there is none. */
export const frameIndex = computed(() =>
  recording.value ? frameAt(timeline.value, playback.value.timeMs) : -1,
);

/** The run with one token per forward, once the run is complete. */
export const otherLane = computed(() => {
  const isDone = run.value?.status === "done";
  return isDone && recording.value ? oneTokenPerForward(recording.value) : undefined;
});

export const otherTimeline = computed(() => (otherLane.value ? timelineOf(otherLane.value) : undefined));
/** Whether the playback goes on until the other lane has ended too. */
export const isRacing = signal(false);

const played = computed((): Timeline => {
  const other = isRacing.value ? otherTimeline.value : undefined;
  return other && other.endMs > timeline.value.endMs ? other : timeline.value;
});

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
  playback.value = stepBy(playback.value, count, timeline.value);
}
export function showFrame(frame: number): void {
  playback.value = seekFrame(pause(playback.value), frame, timeline.value);
}
export function setSpeed(speed: number): void {
  playback.value = withSpeed(playback.value, speed);
}
/** Keeps the frame that is shown. */
export function setPace(chosen: Pace): void {
  const frame = frameIndex.value;
  pace.value = chosen;
  if (frame >= 0) playback.value = seekFrame(playback.value, frame, timeline.value);
}

/** Lets time pass. While the run goes on, the playback waits at its newest frame. */
function pass(ms: number): void {
  const next = elapse(playback.value, ms, played.value);
  const newestMs = timeline.value.starts.at(-1)!;
  const isAhead = run.value?.status === "running" && next.timeMs >= newestMs;
  playback.value = isAhead ? { ...next, timeMs: newestMs, isPlaying: true } : next;
}

let lastMs: number | undefined;
function onFrame(nowMs: number): void {
  if (!playback.value.isPlaying) {
    lastMs = undefined;
    return;
  }
  pass(lastMs === undefined ? 0 : nowMs - lastMs);
  lastMs = nowMs;
  requestAnimationFrame(onFrame);
}

/** A new run is played from its beginning, while it goes on. */
let shownRun: Recording | undefined;
effect(() => {
  const begun = recording.value;
  if (begun === shownRun) return;
  shownRun = begun;
  isRacing.value = false;
  if (begun) playback.value = play({ ...playback.peek(), timeMs: 0 }, timeline.peek());
});

const isPlaying = computed(() => playback.value.isPlaying);
effect(() => {
  if (isPlaying.value) requestAnimationFrame(onFrame);
});
