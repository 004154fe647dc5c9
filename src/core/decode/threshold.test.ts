import { expect, test } from "vitest";
import { Block, decide, logitsOf, viewOf } from "../../../test/support/decoding.ts";
import { threshold, thresholdBound } from "./threshold.ts";

const rows = [
  [0.9, 0.05, 0.02, 0.01, 0.01, 0.01],
  [0.6, 0.2, 0.1, 0.05, 0.03, 0.02],
  [0.1, 0.1, 0.1, 0.1, 0.1, 0.5],
  [0.05, 0.85, 0.04, 0.03, 0.02, 0.01],
];
const M = 5;

test.each([
  [0.8, [0, M, M, 1]],
  [0.95, [0, M, M, M]],
])("threshold %f on four rows", (value, tokens) => {
  const parameters = { threshold: value };
  const block = new Block({ decoder: threshold, parameters, tokens: [M, M, M, M], maskToken: M });
  block.apply((offset) => logitsOf(rows[offset]!));
  expect(Array.from(block.tokens)).toEqual(tokens);
});

test.each([
  ["a tie of the best", [0.5, 0.5, 0.49], [0, 1]],
  ["a near-tie of the best", [0.5, 0.499995, 0.49998], [0, 1]],
  ["a bound that is just met", [0.9, 0.2, 0.95], [0, 2]],
])("%s", (_, confidence, commits) => {
  expect(decide(threshold, { threshold: 0.9 }, viewOf({ length: 3, confidence })).commits).toEqual(commits);
});

test("a threshold above 1 commits one position per step", () => {
  const view = viewOf({ length: 3, confidence: [0.99, 0.999, 0.98] });
  expect(decide(threshold, { threshold: 2 }, view).commits).toEqual([1]);
});

test("the bound is computed in f32", () => {
  expect(thresholdBound(1, 0.9)).toBe(Math.fround(0.9));
  expect(thresholdBound(0.5, 0.9)).toBe(Math.fround(Math.fround(0.5) - Math.fround(1e-5)));
  expect(thresholdBound(-Infinity, 0.9)).toBe(-1000);
});
