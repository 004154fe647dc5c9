import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { wino } from "./wino.ts";

/** Offsets 0 to 3 are known, 4 to 9 open. */
const open = [4, 5, 6, 7, 8, 9];
const view = (fields: object = {}) =>
  viewOf({
    length: 10,
    open,
    confidence: [0, 0, 0, 0, 0.7, 0.61, 0.9, 0.6, 0.5, 0.8],
    shadowProbability: [0.95, 0.2, 0.9, 0.1, 0, 0, 0, 0, 0, 0],
    ...fields,
  });
const after = (committed: number) => ({ committed });

test.each([
  ["all above the threshold, which is strict", {}, [6, 9, 4, 5]],
  ["the best ones up to the cap", { capMinimum: 2, capFraction: 0.5 }, [6, 9, 4]],
  ["a minimum of the cap", { capMinimum: 2, capFraction: 0 }, [6, 9]],
  ["a maximum of the cap", { capMaximum: 1 }, [6]],
  ["none above: the best one", { threshold: 0.95 }, [6]],
])("commits %s", (_, parameters, commits) => {
  expect(decide(wino, { threshold: Math.fround(0.6), ...parameters }, view(), after(1)).commits).toEqual(
    commits,
  );
});

test.each([
  ["every token in doubt, the bound is strict", {}, 9, [3, 1]],
  ["fewer than the step before committed", {}, 2, [3]],
  ["none after a step that committed one", {}, 1, []],
  ["none in the first step", {}, 0, []],
  ["none in a step that commits one", { threshold: 0.95 }, 9, []],
  ["none without a bound", { verify: 0 }, 9, []],
])("revokes %s", (_, parameters, committed, revoked) => {
  const verify = Math.fround(0.9);
  expect(decide(wino, { verify, ...parameters }, view(), after(committed)).revoked).toEqual(revoked);
});

test("lower offsets come first among tokens that are as much in doubt", () => {
  const equal = view({ shadowProbability: new Array(10).fill(0.5) });
  expect(decide(wino, {}, equal, after(3)).revoked).toEqual([0, 1]);
});
