import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { leftPrefix } from "./leftPrefix.ts";

test.each([
  ["stops before the first confidence below the threshold", 0.9, [0.95, 0.9, 0.5, 0.99], [0, 1]],
  ["commits the leftmost position whatever its confidence", 0.9, [0.1, 0.95, 0.5, 0.99], [0, 1]],
  ["commits all with a threshold of 0", 0, [0.1, 0, 0.5, 0.2], [0, 1, 2, 3]],
  ["commits one position with a threshold above 1", 2, [1, 1, 1, 1], [0]],
])("%s", (_, threshold, confidence, commits) => {
  expect(decide(leftPrefix, { threshold }, viewOf({ length: 4, confidence })).commits).toEqual(commits);
});

test("decided positions do not end the prefix", () => {
  const view = viewOf({ length: 5, open: [1, 3, 4], confidence: [0, 0.95, 0, 0.95, 0.3] });
  expect(decide(leftPrefix, {}, view).commits).toEqual([1, 3]);
});
