import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { entropyBound } from "./entropyBound.ts";

const given = { length: 4, entropy: [0.2, 0.01, 0.05, 0.03] };
const view = viewOf(given);

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

test("in the order of probability, the bound applies to the entropies in that order", () => {
  const confidence = [0.9, 0.2, 0.8, 0.5];
  const decided = (gamma: number) =>
    decide(entropyBound, { gamma, order: "probability" }, viewOf({ ...given, confidence })).commits;
  // Entropies in that order: 0.2, 0.05, 0.03, 0.01; all but the largest sum to 0, 0.05, 0.08, 0.09.
  expect(decided(0.04)).toEqual([0]);
  expect(decided(0.085)).toEqual([0, 2, 3]);
  expect(decided(0.1)).toEqual([0, 2, 3, 1]);
});

test("the last round commits all positions", () => {
  const parameters = { gamma: 0, rounds: 3 };
  expect(decide(entropyBound, parameters, viewOf({ ...given, step: 1 })).commits).toEqual([1]);
  expect(decide(entropyBound, parameters, viewOf({ ...given, step: 2 })).commits).toEqual([1, 3, 2, 0]);
});

test("positions without entropy are committed together at gamma 0", () => {
  const certain = viewOf({ length: 3, entropy: [0, 0.1, 0] });
  expect(decide(entropyBound, { gamma: 0 }, certain).commits).toEqual([0, 2, 1]);
});
