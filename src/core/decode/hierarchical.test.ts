import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { hierarchical } from "./hierarchical.ts";

const confidence = [0.3, 0.55, 0.2, Number.NaN, 0.5, 0.45, Number.NaN, 0.95, 0.93];
const open = [0, 1, 2, 4, 5, 7, 8];

test.each([
  [0.92, 0.62, [7, 8]],
  [0.8, 0.5, [1, 7, 8]],
  [null, 0.4, [1, 4, 7]],
  [0.99, 0.99, [7]],
])("threshold %s, low %s", (threshold, low, commits) => {
  const view = viewOf({ length: 9, open, confidence });
  expect(decide(hierarchical, { threshold, low }, view).commits).toEqual(commits);
});

test.each([
  ["all ties of a run's maximum", [0.5, 0.6, 0.6, 0.6], [0, 1, 2, 3], 0.4, [1, 2, 3]],
  ["of ties at or below low the first", [0.3, 0.4, 0.2, 0.4], [0, 1, 2, 3], 0.4, [1]],
  ["a run is not joined across a known position", [0.9, 0, 0.5], [0, 2], 0.4, [0, 2]],
  ["a maximum at the end of a run counts for its start", [0.5, 0.6, 0.7], [0, 1, 2], 0.4, [2]],
  ["a maximum at the start of a run counts for its end", [0.7, 0.6, 0.5], [0, 1, 2], 0.4, [0]],
])("%s", (_, values, positions, low, commits) => {
  const view = viewOf({ length: values.length, open: positions, confidence: values });
  expect(decide(hierarchical, { low }, view).commits).toEqual(commits);
});
