/** What is not finite reaches the head, also where activations are rounded, and marks its own row alone. */
import { expect, test } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import { quantizedDTypes } from "../../src/core/tensor/index.ts";
import { run, type Weight } from "../suites/conformance/harness.ts";
import { quantize } from "../suites/conformance/quantize.ts";
import { generator, matrix } from "../suites/conformance/random.ts";
import { wholeSpan } from "../suites/conformance/wholeSpan.ts";

const hidden = 256;
const vocabulary = 40;
const bad = 3;
const tokens = [1, 2, bad, 4, 5, 6];
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };

const cases = [Number.NaN, Infinity, -Infinity].flatMap((value) =>
  ([undefined, ...quantizedDTypes] as const).map((dtype) => ({ value, dtype })),
);

test.each(cases)("$value in a row, type of quantized weights: $dtype", async ({ value, dtype }) => {
  const random = generator(3);
  const weight = (rows: number): Weight => {
    return quantize({ shape: [rows, hidden], data: matrix(random, rows, hidden, 0.1) }, dtype);
  };
  const embedding = { shape: [vocabulary, hidden], data: matrix(random, vocabulary, hidden) };
  embedding.data[bad * hidden + 5] = value;
  const norm = { shape: [hidden], data: matrix(random, 1, hidden) };
  const weights = { embedding, project: weight(hidden), norm, head: weight(vocabulary) };
  const head = { span: 0, shift: 0, maskToken: -1, sampling, step: 0 };
  const { statistics } = await run(wasm({ threads: 2 }), {
    weights,
    hidden,
    slots: [tokens],
    spans: [wholeSpan(0, tokens.length)],
    requests: [{ ...head, positions: [...tokens.keys()] }],
    body: (b, x, w) => {
      const y = b.boundary("y", ["tokens", hidden]);
      const inputs = { x, weight: w("project"), bias: undefined, residual: undefined };
      b.node("project", "project", inputs, { y }, { outFeatures: hidden, inFeatures: hidden });
    },
    head: (b, w) => {
      const x = b.boundary("y", ["tokens", hidden]);
      const chosen = b.boundary("chosen", ["rows", hidden]);
      const mixture = b.boundary("mixture", ["rows", hidden]);
      b.node("selectRows", "selectRows", { x, norm: w("norm") }, { hidden: chosen }, { epsilon: 1e-6 });
      const inputs = { hidden: chosen, weight: w("head"), embedding: w("embedding") };
      b.node("headStatistics", "headStatistics", inputs, { mixture }, { vocabulary });
    },
  });
  expect([...statistics.valid]).toEqual(tokens.map((token) => (token === bad ? 0 : 1)));
});
