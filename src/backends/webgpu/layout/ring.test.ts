import { expect, test } from "vitest";
import type { LoopRow } from "../singleBlockLoop.ts";
import { maxSpans, none } from "./descriptor.ts";
import { fitsRing, readRing, ringBytes, ringPlaces, ringWords } from "./ring.ts";

const row = (start: number, end: number): LoopRow => ({
  ...{ slots: [1], maskToken: 0, decoder: "fixed", start, end, step: 0, sequenceStep: 0 },
  ...{ maskedAtStart: end - start, editable: [], postSteps: 0 },
});

test("rows lie one behind the other, those that want none left out", () => {
  const { places, words } = ringPlaces([row(4, 8), row(0, 9), row(2, 4)], 3, [2, undefined, 0]);
  expect(places).toEqual([{ at: 0, length: 4, top: 2 }, undefined, { at: 60, length: 2, top: 0 }]);
  expect(words).toBe(3 * 4 * 5 + 3 * 2 * 1);
});

test("an entry is found by step and offset; tokens that do not exist are left out", () => {
  const place = { at: 7, length: 3, top: 2 };
  const words = new Uint32Array(7 + ringWords(3, 2, 2));
  const floats = new Float32Array(words.buffer);
  const at = 7 + (1 * 3 + 2) * 5;
  floats[at] = -1.5;
  words[at + 1] = 42;
  floats[at + 2] = -0.25;
  words[at + 3] = none;
  expect(readRing(words, place, 1, 2)).toEqual({ logprob: -1.5, top: [{ token: 42, logprob: -0.25 }] });
});

test.each([
  [20, 199],
  [5, 744],
  [0, 8192],
])("with %i best tokens, blocks of up to %i positions fit, in as many rows as there may be", (top, most) => {
  expect(fitsRing(most, 8, top)).toBe(true);
  expect(fitsRing(most + 1, 8, top)).toBe(false);
  expect(4 * maxSpans * ringWords(most, 8, top)).toBeLessThanOrEqual(ringBytes(1e6, 8));
});

test("a small engine has a small ring", () => {
  expect(ringBytes(100, 8)).toBe(4 * 100 * 8 * 41);
  expect(ringBytes(1e6, 8)).toBe(2 ** 24);
});
