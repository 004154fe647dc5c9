import { expect, test } from "vitest";
import { opRows, timesSince } from "./opTimes.ts";

const norm = { op: "norm", dispatches: 2, ms: 3 };

test("a run's times are what it added to the engine's", () => {
  const after = [norm, { op: "attention", dispatches: 5, ms: 9 }, { op: "qkv", dispatches: 1, ms: 4 }];
  expect(timesSince([norm, { op: "attention", dispatches: 3, ms: 5 }], after)).toEqual([
    { op: "attention", dispatches: 2, ms: 4 },
    { op: "qkv", dispatches: 1, ms: 4 },
  ]);
  expect(timesSince([], after)).toEqual(after);
});

test("rows are of all runs, the longest op first, and end with the time outside of ops", () => {
  const rows = opRows([
    { times: [norm, { op: "attention", dispatches: 1, ms: 5 }], elapsedMs: 10 },
    { times: [{ ...norm, ms: 7 }], elapsedMs: 6 },
  ]);
  expect(rows).toEqual([
    { op: "norm", ms: [3, 7] },
    { op: "attention", ms: [5, undefined] },
    { op: undefined, ms: [2, 0] },
  ]);
});
