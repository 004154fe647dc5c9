import { expect, test } from "vitest";
import type { DeviceBlock } from "../../../core/tensor/index.ts";
import { constants } from "../../layout/index.ts";
import { maxSpans } from "./limits.ts";
import { fitsLogprobs, logprobBytes, logprobWords, placeLogprobs, readLogprobs } from "./logprobs.ts";

/** A row whose blocks have these bounds. */
const row = (top: number | undefined, ...bounds: readonly (readonly [start: number, end: number])[]) => {
  const blocks = bounds.map(([start, end]) => ({ start, end, passes: [{ head: { top } }] }));
  return { blocks: blocks as unknown as readonly DeviceBlock[] };
};

test("rows lie one behind the other, without those that want no log-probabilities", () => {
  const { places, words } = placeLogprobs(
    [row(2, [4, 8], [8, 10]), row(undefined, [0, 9]), row(0, [2, 4])],
    3,
  );
  expect(places).toEqual([{ at: 0, blockLength: 4, top: 2 }, undefined, { at: 60, blockLength: 2, top: 0 }]);
  expect(words).toBe(3 * 4 * 5 + 3 * 2 * 1);
});

test("a list is found by step and position; tokens that do not exist are left out", () => {
  const place = { at: 7, blockLength: 3, top: 2 };
  const words = new Uint32Array(7 + logprobWords(3, 2, 2));
  const floats = new Float32Array(words.buffer);
  const list = 7 + (1 * 3 + 2) * 5;
  floats.set([-1.5], list);
  words.set([42], list + 1);
  floats.set([-0.25], list + 2);
  words.set([constants.none], list + 3);
  expect(readLogprobs(words, place, 1, 12, row(2, [5, 8], [10, 13]))).toEqual({
    logprob: -1.5,
    top: [{ token: 42, logprob: -0.25 }],
  });
});

test.each([
  [20, 199],
  [5, 744],
  [0, 8192],
])("with %i best tokens, blocks of up to %i positions fit, in as many rows as there may be", (top, most) => {
  expect(fitsLogprobs(most, 8, top)).toBe(true);
  expect(fitsLogprobs(most + 1, 8, top)).toBe(false);
  expect(4 * maxSpans * logprobWords(most, 8, top)).toBeLessThanOrEqual(logprobBytes(1e6, 8));
});

test("a small engine has a small buffer", () => {
  expect(logprobBytes(100, 8)).toBe(4 * 100 * 8 * 41);
  expect(logprobBytes(1e6, 8)).toBe(2 ** 24);
});
