import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { entropyBound } from "./entropyBound.ts";

const view = viewOf({ length: 4, entropy: [0.2, 0.01, 0.05, 0.03] });

test.each([
  [0.05, false, [1, 3, 2]],
  [0.05, true, [1, 3]],
  [0.039, false, [1, 3]],
  [0.01, false, [1, 3]],
  [0.09, true, [1, 3]],
  [0, false, [1]],
  [0, true, [1]],
  [1, true, [1, 3, 2, 0]],
])("gamma %f, inclusive %s", (gamma, inclusive, commits) => {
  expect(decide(entropyBound, { gamma, inclusive }, view).commits).toEqual(commits);
});

test("certain positions commit together at gamma 0", () => {
  const certain = viewOf({ length: 3, entropy: [0, 0.1, 0] });
  expect(decide(entropyBound, { gamma: 0 }, certain).commits).toEqual([0, 2, 1]);
});
