import { describe, expect, test } from "vitest";
import { Block, decide, viewOf } from "../../../test/support/decoding.ts";
import { edit } from "./edit.ts";

const view = viewOf({
  length: 5,
  open: [1, 4],
  known: [2, 3],
  confidence: [0.99, 0.96, 0.92, 0.99, 0.5],
  token: [7, 8, 9, 6, 5],
  current: [1, 0, 2, 6, 0],
});

test.each([
  ["both thresholds", { threshold: 0.95, edit: 0.9 }, [1], [2]],
  ["the bounds are strict", { threshold: Math.fround(0.96), edit: Math.fround(0.92) }, [1], []],
  ["none above the threshold: the best one", { threshold: 0.99, edit: 0.95 }, [1], []],
  ["0 always edits", { threshold: 0.1, edit: 0 }, [1, 4], [2]],
  ["null never does", { threshold: 0.1, edit: null }, [1, 4], []],
])("%s", (_, parameters, commits, edits) => {
  expect(decide(edit, parameters, view)).toEqual({ commits, edits, revoked: [] });
});

const M = 3;
const certain = [0, 1, 2].map((token) => Float32Array.from([0, 1, 2, 3], (t) => (t === token ? 20 : 0)));

/** The number of steps of a block whose predicted tokens depend on the step. */
function steps(wanted: (step: number) => number, parameters: object, tokens = [M, M], promptLength = 0) {
  const block = new Block({
    decoder: edit,
    parameters: { ...parameters },
    tokens,
    maskToken: M,
    promptLength,
  });
  let count = 0;
  for (; !block.finished; count++) block.apply(() => certain[wanted(count)]!);
  return { count, tokens: Array.from(block.tokens) };
}

describe("a block without masks", () => {
  test("gets further steps until a step changes nothing", () => {
    expect(steps(() => 1, {})).toEqual({ count: 2, tokens: [1, 1] });
    expect(steps((step) => Math.min(step, 2), {})).toEqual({ count: 4, tokens: [2, 2] });
  });

  test("gets at most postSteps further steps", () => {
    expect(steps((step) => step % 2, {}).count).toBe(1 + 16);
    expect(steps((step) => step % 2, { postSteps: 3 }).count).toBe(1 + 3);
    expect(steps((step) => step % 2, { postSteps: 0 }).count).toBe(1);
  });

  test("is done at once if nothing is edited", () => {
    expect(steps((step) => step % 2, { edit: null }).count).toBe(1);
  });
});

test("the prompt is never edited", () => {
  expect(steps((step) => Math.min(step, 2), {}, [1, M, 0, M], 1).tokens).toEqual([1, 2, 2, 2]);
});
