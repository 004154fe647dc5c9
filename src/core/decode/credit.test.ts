import { expect, test } from "vitest";
import { Block, decideInFull, logitsOf } from "../../../test/support/decoding.ts";
import { credit } from "./credit.ts";

const M = 6;

/** The fused choice and probability of one position in each step; nothing is ever written. */
function fusedOf(rows: readonly (readonly number[])[]) {
  const block = new Block({ decoder: credit, tokens: [M], maskToken: M });
  return rows.map((row) => {
    const logits = logitsOf([...row, 0]);
    const { commits } = decideInFull(
      credit,
      {},
      block.view(() => logits),
      block.state,
    );
    return [commits[0]!.token, commits[0]!.confidence] as const;
  });
}

test("a constant distribution gains as credit builds up", () => {
  const row = [0.6, 0.3, 0.06, 0.03, 0.005, 0.005];
  const fused = fusedOf([row, row, row, row, row, row]);
  const expected = [0.701787, 0.746697, 0.772122, 0.788299, 0.799311, 0.807138];
  expect(fused.map(([token]) => token)).toEqual([0, 0, 0, 0, 0, 0]);
  for (const [step, value] of expected.entries()) expect(fused[step]![1]).toBeCloseTo(value, 6);
});

test("two alternating tokens", () => {
  const a = [0.4, 0.35, 0.1, 0.1, 0.04, 0.01];
  const b = [0.33, 0.42, 0.1, 0.1, 0.04, 0.01];
  const fused = fusedOf([a, b, a, b]);
  expect(fused.map(([token]) => token)).toEqual([0, 1, 0, 1]);
  const expected = [0.504633, 0.471459, 0.49295, 0.489539];
  for (const [step, value] of expected.entries()) expect(fused[step]![1]).toBeCloseTo(value, 6);
});

test("credit can overturn the arg-max", () => {
  const a = [0.55, 0.35, 0.05, 0.03, 0.01, 0.01];
  const b = [0.42, 0.44, 0.05, 0.05, 0.02, 0.02];
  expect(fusedOf([a, a, b]).map(([token]) => token)).toEqual([0, 0, 0]);
});
