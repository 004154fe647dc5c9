/** The bits of a row of a product do not depend on the number of rows, though tiles, parts and workgroups do. */
import type { BackendFactory } from "../../src/core/index.ts";
import type { QuantizedDType } from "../../src/core/tensor/index.ts";
import { run } from "./conformance/harness.ts";
import { quantize } from "./conformance/quantize.ts";
import { generator, matrix } from "./conformance/random.ts";
import { linear, toRows } from "./conformance/reference.ts";
import { epsilon, setting, vocabulary } from "./conformance/tokenRows.ts";
import { wholeSpan } from "./conformance/wholeSpan.ts";
import { equal, near, type Suite } from "./suite.ts";

/** Rows of a pass; the first of them are the same. 64 are split at most, and a large tile has 64. */
const rowCounts = [1, 20, 70];

export interface ProductCase {
  readonly name: string;
  readonly backend: BackendFactory;
  /** The type of weights, if they are quantized. */
  readonly dtype?: QuantizedDType;
}

export function productSuite(cases: readonly ProductCase[]): Suite {
  return {
    name: "products",
    cases: cases.map(({ name, backend, dtype }) => ({
      name: `a row has the same bits among few rows and among many: ${name}`,
      run: () => compareRows(backend, dtype),
    })),
  };
}

async function compareRows(backend: BackendFactory, dtype: QuantizedDType | undefined): Promise<void> {
  const [fewest, ...others] = rowCounts;
  const first = await rowsOf(backend, fewest!, dtype);
  for (const rows of others) {
    const found = await rowsOf(backend, rows, dtype);
    for (const [output, values] of Object.entries(first)) {
      equal([...found[output]!], [...values], `${output}, the first of ${rows} rows`);
    }
  }
}

/**
 * Rounding of activations is the only error of products in integers: of rows that int8 holds exactly they are those of f32.
 * @param backend with activations in int8
 */
export function exactInt8Suite(backend: BackendFactory): Suite {
  return {
    name: "products in int8",
    cases: (["q8_0", "q4_0"] as const).map((dtype) => ({
      name: `of integers up to 127, with ${dtype}`,
      run: () => compareIntegers(backend, dtype),
    })),
  };
}

async function compareIntegers(backend: BackendFactory, dtype: QuantizedDType): Promise<void> {
  const [rows, hidden, out] = [20, 96, 40];
  const random = generator(710);
  const table = Float32Array.from({ length: vocabulary * hidden }, (_, at) =>
    // The scale of a block is 1.
    at % 32 === 0 ? 127 : Math.floor(255 * random()) - 127,
  );
  const embedding = { shape: [vocabulary, hidden], data: table };
  const weight = quantize({ shape: [out, hidden], data: matrix(random, out, hidden, 0.3) }, dtype);
  const tokens = Array.from({ length: rows }, (_, at) => (5 * at) % vocabulary);
  const { values } = await run(
    backend,
    {
      weights: { embedding, weight },
      hidden,
      slots: [tokens],
      spans: [wholeSpan(0, rows)],
      body: (b, x, w) => {
        const y = b.boundary("y", ["tokens", out]);
        b.node(
          "project",
          "project",
          { x, weight: w("weight") },
          { y },
          { inFeatures: hidden, outFeatures: out },
        );
      },
    },
    "y",
  );
  const inputs = toRows(table, hidden);
  const weightRows = toRows(weight.data, hidden);
  const found = toRows(values.y, out);
  for (const [row, token] of tokens.entries()) {
    near(found[row]!, linear(inputs[token]!, weightRows), 2e-6, `row ${row}`);
  }
}

/** What `project` and `mlp` give the first of `rows` rows. */
async function rowsOf(
  backend: BackendFactory,
  rows: number,
  quantized: QuantizedDType | undefined,
): Promise<Readonly<Record<string, Float32Array>>> {
  const hidden = 512;
  const [out, intermediate] = [40, 544];
  const { weight, embedding } = setting(700, hidden, 1, quantized ? { quantized } : {});
  const weights = {
    embedding,
    norm: weight(hidden),
    weight: weight(out, hidden),
    bias: weight(out),
    gateUp: weight(2 * intermediate, hidden),
    down: weight(hidden, intermediate),
  };
  const tokens = Array.from({ length: rows }, (_, at) => (5 * at) % vocabulary);
  const { values } = await run(
    backend,
    {
      weights,
      hidden,
      slots: [tokens],
      spans: [wholeSpan(0, rows)],
      body: (b, x, w) => {
        const projected = b.boundary("projected", ["tokens", out]);
        const sizes = { inFeatures: hidden, outFeatures: out };
        b.node("project", "project", { x, weight: w("weight"), bias: w("bias") }, { y: projected }, sizes);
        const outputs = {
          y: b.boundary("fed", ["tokens", hidden]),
          normed: b.scratch("normed", ["tokens", hidden]),
          halves: b.scratch("halves", ["tokens", 2 * intermediate]),
          activation: b.scratch("activation", ["tokens", intermediate]),
        };
        const inputs = { x, norm: w("norm"), gateUp: w("gateUp"), down: w("down"), residual: x };
        b.node("mlp", "mlp", inputs, outputs, { intermediate, epsilon });
      },
    },
    "projected",
    "fed",
  );
  return { projected: values.projected.slice(0, out), fed: values.fed.slice(0, hidden) };
}
