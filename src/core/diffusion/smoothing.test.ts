import { expect, test } from "vitest";
import { validate } from "../declare/index.ts";
import { smoothingParameters, smoothingThreshold, smoothingWeight } from "./smoothing.ts";

test("weight and threshold follow their schedules", () => {
  const smoothing = validate("smoothing", smoothingParameters, {});
  const at = (i: number) => [smoothingWeight(smoothing, i), smoothingThreshold(smoothing, 0.8, i)];
  const expected = [
    [0, 0.15, 1],
    [5, 0.25, 0.9],
    [8, 0.3, 0.84],
    [12, 0.3, 0.8],
  ] as const;
  for (const [i, weight, threshold] of expected) {
    expect(at(i)[0]).toBeCloseTo(weight, 12);
    expect(at(i)[1]).toBeCloseTo(threshold, 12);
  }
});
