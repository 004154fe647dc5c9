import { describe, expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { dreamSchedule, time, transferCount } from "./dreamSchedule.ts";
import { uniform } from "./philox.ts";

function schedule(open: number, steps: number, eps: number): number[] {
  const counts: number[] = [];
  for (let step = 0, left = open; step < steps; step++) {
    counts.push(transferCount(left, step, steps, eps));
    left -= counts[step]!;
  }
  return counts;
}

// Computed with NumPy in f32. In f64 the cases with eps 0 come out differently.
test.each([
  [24, 12, 1e-3, [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3]],
  [10, 4, 1e-3, [2, 2, 2, 4]],
  [5, 8, 1e-3, [0, 0, 0, 0, 1, 1, 1, 2]],
  [64, 7, 0.1, [8, 8, 8, 8, 8, 8, 16]],
  [100, 10, 0, [10, 9, 10, 10, 10, 10, 10, 10, 10, 11]],
  [16, 16, 0, [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]],
  [4, 3, 1, [0, 0, 4]],
  [7, 1, 1e-3, [7]],
])("%i positions in %i steps to %f", (open, steps, eps, counts) => {
  expect(schedule(open, steps, eps)).toEqual(counts);
});

test("time goes from 1 to eps in f32", () => {
  const times = Array.from({ length: 6 }, (_, index) => time(index, 5, 1e-3));
  expect(times[0]).toBe(1);
  expect(times[5]).toBe(Math.fround(1e-3));
  for (const value of times) expect(Math.fround(value)).toBe(value);
  for (let index = 1; index < 6; index++) {
    expect(times[index - 1]! - times[index]!).toBeCloseTo(0.1998, 6);
  }
});

test("steps beyond the last commit all open positions", () => {
  expect(transferCount(3, 9, 5, 1e-3)).toBe(3);
});

describe("order", () => {
  const view = viewOf({
    length: 3,
    confidence: [0.5, 0.4, 0.45],
    bestProbability: [0.5, 0.4, 0.45],
    secondProbability: [0.4, 0.05, 0.3],
    entropy: [0.8, 0.9, 0.7],
  });
  test.each([
    ["probability", [0, 2, 1]],
    ["margin", [1, 2, 0]],
    ["entropy", [2, 0, 1]],
  ])("%s", (order, commits) => {
    expect(decide(dreamSchedule, { steps: 1, order }, view).commits).toEqual(commits);
  });
});

test("with a temperature the first draw follows softmax(score / temperature)", () => {
  const confidence = [0.9, 0.5, 0.1];
  const algTemperature = 0.4;
  const drawn = [0, 0, 0];
  const draws = 4000;
  for (let draw = 0; draw < draws; draw++) {
    const random = (offset: number) => uniform(7, 1, offset, draw, 0);
    const view = viewOf({ length: 3, confidence, random });
    const { commits } = decide(dreamSchedule, { steps: 1, order: "probability", algTemperature }, view);
    drawn[commits[0]!]!++;
  }
  const weights = confidence.map((value) => Math.exp(value / algTemperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [offset, weight] of weights.entries()) {
    const share = weight / total;
    const deviation = Math.sqrt((share * (1 - share)) / draws);
    expect(Math.abs(drawn[offset]! / draws - share)).toBeLessThan(4 * deviation);
  }
});

test("a temperature that is almost 0 changes nothing", () => {
  const random = (offset: number) => uniform(7, 1, offset, 0, 0);
  const view = viewOf({ length: 3, entropy: [0.3, 0.2, 0.1], random });
  expect(decide(dreamSchedule, { steps: 1, algTemperature: 1e-300 }, view).commits).toEqual([2, 1, 0]);
});
