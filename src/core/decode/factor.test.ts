import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { factor } from "./factor.ts";

test.each([
  [[0.99, 0.9, 0.7, 0.5], 2],
  [[0.99, 0.6, 0.5, 0.4], 1],
  [[0.99, 0.95, 0.9, 0.9], 4],
  [[0.3], 1],
])("factor 1 on %j", (confidence, count) => {
  const view = viewOf({ length: confidence.length, confidence });
  expect(decide(factor, { factor: 1 }, view).commits).toHaveLength(count);
});

test.each([
  ["a bound that is just met", false, [0.9, 0.5, 0.1, 0.1], [0]],
  ["a bound that is just met, in reference mode", true, [0.9, 0.5, 0.1, 0.1], [0, 1]],
  ["a failing last position", false, [0.1, 0.9], [1]],
  ["a failing last position, in reference mode", true, [0.1, 0.9], [1, 0]],
  ["a failing last but one, in reference mode", true, [0.1, 0.9, 0.1], [1]],
])("%s", (_, reference, confidence, commits) => {
  const view = viewOf({ length: confidence.length, confidence });
  expect(decide(factor, { factor: 1.5, reference }, view).commits).toEqual(commits);
});

test("factor 0 commits one position per step", () => {
  const view = viewOf({ length: 3, confidence: [1, 1, 1] });
  expect(decide(factor, { factor: 0 }, view).commits).toEqual([0]);
});
