/** The decoders that commit an equal share of the block in each step, in different orders. */
import { describe, expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { entropy } from "./entropy.ts";
import { fixed } from "./fixed.ts";
import { margin } from "./margin.ts";
import { random } from "./random.ts";
import { evenTransferCount, topK } from "./topK.ts";

const statistics = {
  length: 4,
  confidence: [0.5, 0.6, 0.7, 0.4],
  bestProbability: [0.5, 0.6, 0.7, 0.4],
  secondProbability: [0.1, 0.35, 0.3, 0.4],
  entropy: [1.2, 0.9, 0.8, 0.7],
};
const chances = [0.1, 0.8, 0.3, 0.8];

test.each([
  [10, 4, [3, 3, 2, 2]],
  [3, 5, [1, 1, 1, 0, 0]],
  [8, 8, [1, 1, 1, 1, 1, 1, 1, 1]],
])("%i positions in %i steps", (total, steps, shares) => {
  expect(Array.from({ length: steps }, (_, step) => evenTransferCount(total, steps, step))).toEqual(shares);
});

test("the lowest offset wins ties", () => {
  expect(topK([1, 2, 5, 7], 3, (offset) => (offset === 5 ? 1 : 0))).toEqual([5, 1, 2]);
});

describe.each([
  [fixed, [2, 1, 0, 3]],
  [margin, [0, 2, 1, 3]],
  [entropy, [3, 2, 1, 0]],
  [random, [1, 3, 2, 0]],
])("$name", (decoder, order) => {
  test.each([1, 2, 3, 4])("%i steps", (steps) => {
    const view = viewOf({ ...statistics, random: (offset: number) => chances[offset] });
    expect(decide(decoder, { steps }, view).commits).toEqual(order.slice(0, Math.ceil(4 / steps)));
  });

  test("a step beyond the last commits one", () => {
    const view = viewOf({ ...statistics, openAtStart: 2, step: 7, random: (o: number) => chances[o] });
    expect(decide(decoder, { steps: 5 }, view).commits).toEqual(order.slice(0, 1));
  });
});

test("a margin is the difference of f32 probabilities, in f32", () => {
  const bestProbability = [0.6, 0.6];
  const secondProbability = [2e-9, 1e-9];
  const view = viewOf({ length: 2, bestProbability, secondProbability });
  expect(decide(margin, { steps: 2 }, view).commits).toEqual([0]);
});
