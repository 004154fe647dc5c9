import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { linearSchedule, linearTransferCounts } from "./linearSchedule.ts";

// As the published schedulers count them.
test.each([
  [8, 4, "committed", [2, 2, 2, 2]],
  [5, 4, "committed", [1, 1, 2, 1]],
  [16, 5, "committed", [3, 3, 3, 4, 3]],
  [9, 5, "committed", [2, 2, 2, 2, 1]],
  [4, 8, "committed", [1, 1, 1, 1]],
  [23, 10, "kept", [3, 2, 2, 3, 2, 2, 3, 2, 2, 2]],
  [3, 8, "kept", [1, 1, 1]],
  [7, 1, "kept", [7]],
] as const)("%i positions in %i steps, rounding what is %s", (total, steps, rounding, quotas) => {
  expect(linearTransferCounts(total, steps, rounding)).toEqual(quotas);
});

test("the highest scores first, in either order", () => {
  const view = viewOf({ length: 4, confidence: [0.1, 0.9, 0.5, 0.7], entropy: [0.1, 0.4, 0.2, 0.3] });
  expect(decide(linearSchedule, { steps: 2 }, view).commits).toEqual([1, 3]);
  expect(decide(linearSchedule, { steps: 2, order: "entropy" }, view).commits).toEqual([0, 2]);
});

test("the last step commits all open positions", () => {
  const view = viewOf({ length: 4, step: 9, confidence: [0.1, 0.9, 0.5, 0.7] });
  expect(decide(linearSchedule, { steps: 2 }, view).commits).toHaveLength(4);
});
