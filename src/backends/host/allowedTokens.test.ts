import fc from "fast-check";
import { expect, test } from "vitest";
import { minPFloor, type Sampling } from "../../core/tensor/index.ts";
import { allowedTokens } from "./allowedTokens.ts";

/** The filters by their definition: all tokens sorted, those up to topK and to the mass of topP, then minP. */
function byDefinition(logits: Float32Array, sampling: Sampling): readonly number[] {
  const { temperature, topK, topP } = sampling;
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const best = logits[order[0]!]!;
  const weights = order.map((token) => Math.exp((logits[token]! - best) / (temperature || 1)));
  const total = logits.reduce((sum, logit) => sum + Math.exp((logit - best) / (temperature || 1)), 0);
  let sum = 0;
  const inMass = order.filter((_, rank) => {
    const before = sum;
    sum += weights[rank]!;
    return topP >= 1 || before < topP * total;
  });
  const kept = topK > 0 ? inMass.slice(0, topK) : inMass;
  const near = (token: number) => Math.fround(logits[token]! - best) >= minPFloor(sampling);
  return kept.filter(near).sort((a, b) => a - b);
}

const spread = fc.constantFrom(0.1, 3, 60);
const logit = fc.oneof(
  { weight: 9, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.5, -Infinity) },
);
const rows = fc
  .tuple(spread, fc.array(logit, { minLength: 2, maxLength: 200 }))
  .map(([scale, values]) => Float32Array.from([scale, ...values.map((value) => scale * value)]));
const samplings = fc.record({
  temperature: fc.constantFrom(0, 0.2, 1, 1.7),
  topK: fc.constantFrom(0, 1, 5, 50),
  topP: fc.constantFrom(1, 0.95, 0.5, 1e-9),
  minP: fc.constantFrom(0, 0.05, 1e-30, 1),
  seed: fc.constant(1),
});

test("the filters let through what their definition says", () => {
  fc.assert(
    fc.property(rows, samplings, (logits, sampling) => {
      const found = allowedTokens(logits, sampling);
      // Tokens of minus infinity are never chosen, and a filter may or may not name them.
      const finite = (tokens: readonly number[]) => tokens.filter((token) => logits[token]! > -Infinity);
      const expected = byDefinition(logits, sampling);
      if (found) expect(finite(found)).toEqual(finite(expected));
      else expect(expected).toHaveLength(logits.length);
    }),
  );
});
