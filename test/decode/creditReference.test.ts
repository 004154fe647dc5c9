/** The decoder 'credit' against a second definition, with a credit for every token of the vocabulary in place of sparse lists. */
import fc from "fast-check";
import { describe, test } from "vitest";
import { credit } from "../../src/core/decode/index.ts";
import {
  blockCase,
  blockOf,
  maskToken,
  parametersOf,
  rowOf,
  vocabulary,
} from "../support/decoderArbitraries.ts";
import { decideInFull } from "../support/decoding.ts";
import { same } from "../support/same.ts";

const { fround } = Math;
type Values = Readonly<Record<string, number>>;

describe("credit, with a credit for every token of the vocabulary", () => {
  const tolerance = 2e-6;
  // Half of the cases with parameters under which credit builds up and competes, step after step.
  const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const gentle = fc.option(
    fc.record({
      threshold: fc.constant(2),
      alpha: within(0.3, 2),
      gamma: within(0, 1),
      beta: within(0.5, 1),
    }),
    { freq: 2 },
  );
  const property = (temperature: number) =>
    fc.property(parametersOf(credit), gentle, blockCase, (any, some, value) => {
      const parameters = { ...any, ...some };
      const { threshold, alpha, gamma, beta } = parameters as unknown as Values;
      const block = blockOf(credit, parameters, value, temperature);
      const credits = Array.from({ length: value.length }, () => new Float32Array(vocabulary));
      while (!block.finished) {
        const { step } = block;
        const rows = (offset: number) => rowOf(value, offset, step);
        const view = block.view(rows);
        // All fused confidences: what a threshold of 0 would commit.
        const fused = decideInFull(
          credit,
          { ...parameters, threshold: 0 },
          view,
          structuredClone(block.state),
        ).commits;
        const offsets = fused.map(({ offset }) => offset);
        same(offsets, view.open, "offsets");
        for (const { offset, token, confidence } of fused) {
          const own = credits[offset]!;
          for (let v = 0; v < vocabulary; v++) own[v] = own[v]! * fround(beta!);
          const first = view.best[offset]!;
          own[first] = own[first]! + fround(view.bestProbability[offset]! ** gamma!);
          const raised = Float32Array.from(rows(offset), (logit, v) =>
            v === maskToken ? -Infinity : logit + fround(alpha! * Math.log1p(own[v]!)),
          );
          const top = Math.max(...raised);
          const weights = Array.from(raised, (logit) => Math.exp(logit - top));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const scores = Array.from(raised, (logit, v) => logit + view.noise(offset, v));
          const chosen = scores.indexOf(Math.max(...scores));
          // The logit of a sampled token is known through its f32 probability only.
          const near = scores[chosen]! - scores[token]! < 1e-5 * Math.max(1, Math.abs(top));
          const unknown = temperature > 0 && (near || weights[chosen]! < 1e-30);
          if (!unknown) same(token, chosen, "token");
          const wanted = weights[token]! / total;
          if (!(Math.abs(confidence - wanted) < tolerance)) same(confidence, wanted, "confidence");
        }
        const highest = Math.max(...fused.map(({ confidence }) => confidence));
        const bound = Math.min(fround(threshold!), fround(highest - fround(1e-5)));
        const wanted = fused.filter(({ confidence }) => confidence >= bound);
        same(block.apply(rows).commits, wanted, "commits");
      }
    });

  test.each([0, 0.8])("temperature %f", (temperature) => {
    fc.assert(property(temperature), { numRuns: 1000, seed: 3 });
  });
});
