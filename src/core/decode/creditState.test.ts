import { expect, test } from "vitest";
import { creditBytes, creditedTokens, giveCredit, startCredits } from "./creditState.ts";

const { fround } = Math;

test("credit decays and adds up in f32", () => {
  const state = startCredits(3);
  giveCredit(state, 1, 70000, 0.5, 0.8);
  giveCredit(state, 1, 4, 0.25, 0.8);
  giveCredit(state, 1, 70000, 0.125, 0.8);
  expect(creditedTokens(state, 1)).toEqual([70000, 4]);
  expect(creditedTokens(state, 0)).toEqual([]);
  expect(creditedTokens(state, 2)).toEqual([]);
  const decay = fround(0.8);
  const first = fround(fround(fround(fround(0.5) * decay) * decay) + 0.125);
  const second = fround(0.25 * decay);
  const start = state.capacity;
  expect(Array.from(state.credits.subarray(start, start + 2))).toEqual([first, second]);
});

test("an amount is rounded to f32 before it is added", () => {
  const state = startCredits(1);
  giveCredit(state, 0, 3, 1, 1);
  giveCredit(state, 0, 3, 2 ** -24 + 2 ** -50, 1);
  expect(state.credits[0]).toBe(1);
});

test("every token of the longest block keeps its credit, however small, within 64 KB", () => {
  const state = startCredits(64);
  for (let step = 0; step < 64; step++) {
    for (let offset = 0; offset < 64; offset++) giveCredit(state, offset, 1000 * offset + step, 1, 0.5);
  }
  for (let offset = 0; offset < 64; offset++) {
    const tokens = Array.from({ length: 64 }, (_, step) => 1000 * offset + step);
    expect(creditedTokens(state, offset)).toEqual(tokens);
    const start = offset * state.capacity;
    const credits = tokens.map((_, index) => 2 ** (index - 63));
    expect(Array.from(state.credits.subarray(start, start + 64))).toEqual(credits);
  }
  expect(creditBytes(state)).toBe(64 * 64 * 8 + 64 * 4);
  expect(creditBytes(state)).toBeLessThan(64 * 1024);
});

test("the capacity stops at the block's length, even if that is not a power of two", () => {
  const state = startCredits(6);
  for (let step = 0; step < 6; step++) giveCredit(state, 5, step, 1, 1);
  expect(creditBytes(state)).toBe(6 * 6 * 8 + 6 * 4);
});

test("lists start with a small capacity", () => {
  expect(creditBytes(startCredits(64))).toBeLessThan(4 * 1024);
  expect(creditBytes(startCredits(1))).toBe(12);
});

test("lists grow beyond the block's length if there are more steps than positions", () => {
  const state = startCredits(2);
  for (let token = 0; token < 50; token++) giveCredit(state, 1, token, 1, 1);
  expect(creditedTokens(state, 1)).toHaveLength(50);
  expect(creditedTokens(state, 0)).toEqual([]);
});
