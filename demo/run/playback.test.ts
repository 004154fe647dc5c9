import fc from "fast-check";
import { expect, test } from "vitest";
import {
  elapse,
  follow,
  initialPlayback,
  maxSpeed,
  type Playback,
  pause,
  play,
  seekFrame,
  seekTime,
  shownFrame,
  stepBy,
  withLoop,
  withSpeed,
} from "./playback.ts";
import { frameAt, mergedTimeline, recordedTimeline, restMs, steadyTimeline } from "./timeline.ts";

const timeline = recordedTimeline([{ ms: 10 }, { ms: 20 }, { ms: 30 }]);

test("frames stay as long as the pass behind them took, the last one for a rest", () => {
  expect(timeline).toEqual({ starts: [0, 10, 30, 60], endMs: 60 + restMs });
  expect([0, 9, 10, 29.9, 30, 1e9].map((ms) => frameAt(timeline, ms))).toEqual([0, 0, 1, 1, 2, 3]);
  expect(steadyTimeline([1, 2], 50).starts).toEqual([0, 50, 100]);
  expect(mergedTimeline(timeline, steadyTimeline([1, 2], 30)).starts).toEqual([0, 10, 30, 60]);
});

test("a playback runs at its speed, stops at the end and begins again", () => {
  let state = play(initialPlayback, timeline);
  state = elapse(state, 12, timeline);
  expect(shownFrame(state, timeline)).toBe(1);
  state = elapse(withSpeed(state, 4), 5, timeline);
  expect(state.timeMs).toBe(32);
  state = elapse(state, 1e6, timeline);
  expect(state).toMatchObject({ timeMs: timeline.endMs, isPlaying: false });
  expect(play(state, timeline).timeMs).toBe(0);
  const looped = elapse(withLoop(play(state, timeline), true), timeline.endMs / 4 + 7, timeline);
  expect(looped.timeMs).toBeGreaterThan(0);
  expect(looped).toMatchObject({ isPlaying: true });
});

test("a paused playback stands still, and a step pauses", () => {
  const state = pause(elapse(play(initialPlayback, timeline), 12, timeline));
  expect(elapse(state, 100, timeline)).toBe(state);
  const back = stepBy(play(state, timeline), -1, timeline);
  expect(back).toMatchObject({ timeMs: 0, isPlaying: false });
  expect(stepBy(back, -1, timeline).timeMs).toBe(0);
  expect(shownFrame(stepBy(state, 99, timeline), timeline)).toBe(3);
});

test("to follow shows the newest frame of a run that grows", () => {
  const state = follow(initialPlayback, recordedTimeline([{ ms: 5 }]));
  expect(shownFrame(elapse(state, 1, timeline), timeline)).toBe(3);
  expect(stepBy(state, -1, timeline).isFollowing).toBe(false);
});

test("no sequence of actions leaves the timeline, and each frame can be sought", () => {
  const action = fc.oneof(
    fc.nat(5000).map((ms) => (state: Playback) => elapse(state, ms, timeline)),
    fc.integer().map((frame) => (state: Playback) => seekFrame(state, frame, timeline)),
    fc.integer().map((ms) => (state: Playback) => seekTime(state, ms, timeline)),
    fc.integer({ min: -9, max: 9 }).map((count) => (state: Playback) => stepBy(state, count, timeline)),
    fc.double({ noNaN: true }).map((speed) => (state: Playback) => withSpeed(state, speed)),
    fc.boolean().map((isLooping) => (state: Playback) => withLoop(state, isLooping)),
    fc.constantFrom(
      pause,
      (state: Playback) => play(state, timeline),
      (state: Playback) => follow(state, timeline),
    ),
  );
  fc.assert(
    fc.property(fc.array(action), (actions) => {
      const state = actions.reduce((before, act) => act(before), initialPlayback);
      expect(state.timeMs).toBeGreaterThanOrEqual(0);
      expect(state.timeMs).toBeLessThanOrEqual(timeline.endMs);
      expect(state.speed).toBeLessThanOrEqual(maxSpeed);
      for (const frame of [0, 1, 2, 3])
        expect(shownFrame(seekFrame(state, frame, timeline), timeline)).toBe(frame);
    }),
  );
});
