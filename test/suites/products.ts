/** The bits of a row of a product do not depend on the number of rows, though tiles, parts and workgroups do. */
import type { BackendFactory } from "../../src/core/index.ts";
import type { QuantizedDType } from "../../src/core/tensor/index.ts";
import { run } from "./conformance/harness.ts";
import { epsilon, setting, vocabulary } from "./conformance/tokenRows.ts";
import { wholeSpan } from "./conformance/wholeSpan.ts";
import { equal, type Suite } from "./suite.ts";

/** Rows of a pass; the first of them are the same. 64 are split at most, and a large tile has 64. */
const rowCounts = [1, 20, 70];

/** @param backends by name */
export function productSuite(
  backends: Readonly<Record<string, BackendFactory>>,
  dtypes: readonly (QuantizedDType | undefined)[],
): Suite {
  return {
    name: "products",
    cases: Object.entries(backends).flatMap(([name, backend]) =>
      dtypes.map((dtype) => ({
        name: `a row has the same bits among few rows and among many: ${name}, ${dtype ?? "f32"}`,
        run: () => compareRows(backend, dtype),
      })),
    ),
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
