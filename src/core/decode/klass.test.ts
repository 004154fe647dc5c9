import { expect, test } from "vitest";
import { Block, decide, logitsOf, viewOf } from "../../../test/support/decoding.ts";
import { klass } from "./klass.ts";

const parameters = { steps: 4, historyLength: 2 };
const confidence = [0.95, 0.99, 0.5, 0.9];

/** What each step commits, by the divergences of all positions; nothing is ever written. */
function run(divergences: readonly (readonly number[])[], options: object = parameters) {
  const state = klass.start?.(4);
  return divergences.map((divergence, step) => {
    const view = viewOf({ length: 4, confidence, divergence: [...divergence], step });
    return decide(klass, { ...options }, view, state).commits;
  });
}
const never = [Infinity, Infinity, Infinity, Infinity];

test("without a history, a step commits as 'fixed' does", () => {
  expect(run([never])).toEqual([[1]]);
  expect(run([never], { ...parameters, steps: 2 })).toEqual([[1, 0]]);
});

test("commits positions that are confident and stable for historyLength steps", () => {
  const still = [0.001, 0.001, 0, 0];
  expect(run([never, still, still])).toEqual([[1], [1], [0, 1]]);
  expect(run([never, still], { ...parameters, historyLength: 1 })).toEqual([[1], [0, 1]]);
});

test("the bounds are strict, in f32", () => {
  const still = [0.01, Math.fround(0.01) - 1e-8, 0, 0];
  expect(run([never, still, still])[2]).toEqual([1]);
});

test("an unstable step resets the count", () => {
  const still = [0.001, 0.001, 0, 0];
  const moved = [0.5, 0.001, 0, 0];
  expect(run([never, still, moved, still, still]).slice(2)).toEqual([[1], [1], [0, 1]]);
});

test("the engine computes the divergence: a constant block is committed after historyLength steps", () => {
  const row = logitsOf([0.95, 0.03, 0.02]);
  const block = new Block({ decoder: klass, parameters, tokens: [2, 2, 2, 2, 2, 2, 2, 2], maskToken: 2 });
  const counts = [];
  while (!block.finished) counts.push(block.apply(() => row).commits.length);
  expect(counts).toEqual([2, 2, 4]);
});
