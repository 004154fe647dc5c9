import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { quota } from "./quota.ts";

const confidence = [0, 0.2, 0.9, 0.4, 0.95, 0.3];
const open = [1, 2, 3, 4, 5];

test.each([
  ["the share of the block, not of its masks", {}, 0, [4, 2]],
  ["the steps before have the rest", {}, 2, [4]],
  ["all above the threshold, as they are no fewer", { threshold: 0.35 }, 0, [2, 3, 4]],
  ["fewer above the threshold: the share", { threshold: 0.92 }, 0, [4, 2]],
  ["the leftmost", { order: "position" }, 0, [1, 2]],
  ["a step beyond the last: the share without the rest", {}, 4, [4]],
])("%s", (_, parameters, step, commits) => {
  const view = viewOf({ length: 6, open, confidence, step });
  expect(decide(quota, { steps: 4, ...parameters }, view).commits).toEqual(commits);
});
