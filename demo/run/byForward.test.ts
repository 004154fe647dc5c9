import { expect, test } from "vitest";
import { smallRun, stepOf } from "../testing/events.ts";
import { aligned, byForward, nearest } from "./byForward.ts";
import { Recording } from "./recording.ts";
import { seriesOf } from "./series.ts";

function recorded(events: typeof smallRun): Recording {
  const recording = new Recording({ stopTokens: [0] });
  for (const event of events) recording.add(event);
  return recording;
}

test("counts the forwards of a run, with their commits and the masks that they leave", () => {
  const series = byForward(seriesOf(recorded(smallRun)));
  expect(series).toEqual({ frames: [0, 1, 2, 3], masksLeft: [4, 3, 2, 0], commits: [0, 1, 1, 1] });
});

test("leaves out passes that only encode the prompt", () => {
  const [start, ...steps] = smallRun;
  const series = byForward(seriesOf(recorded([start!, stepOf({ prefill: true }), ...steps])));
  expect(series).toEqual({ frames: [1, 2, 3, 4], masksLeft: [4, 3, 2, 0], commits: [0, 1, 1, 1] });
});

test("runs of different length have one axis", () => {
  expect(
    aligned([
      [4, 0],
      [4, 3, 2],
    ]),
  ).toEqual([
    [0, 1, 2],
    [4, 0, null],
    [4, 3, 2],
  ]);
  expect(aligned([])).toEqual([[]]);
});

test("the nearest number is that of a run that has one", () => {
  expect(nearest([4, 9], 6)).toBe(0);
  expect(nearest([null, 9], 1)).toBe(1);
  expect(nearest([null, undefined], 1)).toBeUndefined();
});
