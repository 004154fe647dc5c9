import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { thresholdTopN } from "./thresholdTopN.ts";

const confidence = [0.96, 0.5, 0.95, 0.97, 0.6];

test.each([
  ["all above the threshold", 0.95, 1, [0, 3]],
  ["a bound that is just met does not pass", Math.fround(0.97), 1, [3]],
  ["as many as the minimum", 0.95, 2, [0, 3]],
  ["fewer than the minimum: the best", 0.95, 4, [3, 0, 2, 4]],
  ["none above: the best one", 0.99, 1, [3]],
  ["a minimum above what is open", 0.99, 9, [3, 0, 2, 4, 1]],
])("%s", (_, threshold, minimum, commits) => {
  const view = viewOf({ length: 5, confidence });
  expect(decide(thresholdTopN, { threshold, minimum }, view).commits).toEqual(commits);
});
