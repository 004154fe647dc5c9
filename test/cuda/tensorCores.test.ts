/** What tensor cores compute has the same bits in every run, in any batch, and however the work is divided. */
import { expect, test } from "vitest";
import type { PlanBuilder, TensorId } from "../../src/core/tensor/index.ts";
import { type Experiment, run } from "../suites/conformance/harness.ts";
import { setting } from "../suites/conformance/tokenRows.ts";
import { wholeSpan } from "../suites/conformance/wholeSpan.ts";
import { backendIn } from "./surroundings.ts";

const backend = backendIn("bf16");
const epsilon = 1e-6;

/** The first `rows` rows of a boundary, whose rows have this many columns. */
async function rowsOf(name: "y" | "attnOutput", experiment: Experiment, rows: number, columns: number) {
  const { values } = await run(backend, experiment, name);
  const found = values[name].slice(0, rows * columns);
  expect(found.every(Number.isFinite)).toBe(true);
  return found;
}

// 640 columns are two splits. More than 128 rows are computed one split after the other.
test.each([1, 9, 17, 33, 131])("the first row of a product beside others: %i rows", async (length) => {
  const hidden = 640;
  const { weight, embedding, slots } = setting(7, hidden, 131, { quantized: "bf16" });
  const experimentOf = (count: number): Experiment => ({
    weights: { embedding, weight: weights.weight },
    hidden,
    slots: [slots[0]!.slice(0, count)],
    spans: [wholeSpan(0, count)],
    body: (b, x, w) => {
      const y = b.boundary("y", ["tokens", 136]);
      b.node(
        "project",
        "project",
        { x, weight: w("weight") },
        { y },
        { outFeatures: 136, inFeatures: hidden },
      );
    },
  });
  const weights = { weight: weight(136, hidden) };
  const alone = await rowsOf("y", experimentOf(1), 1, 136);
  expect(await rowsOf("y", experimentOf(length), 1, 136)).toEqual(alone);
  expect(await rowsOf("y", experimentOf(length), length, 136)).toEqual(
    await rowsOf("y", experimentOf(length), length, 136),
  );
});

const heads = 4;
const kvHeads = 2;
const width = 40;

function attentionNodes(b: PlanBuilder, x: TensorId, w: (symbol: string) => TensorId): void {
  const query = b.scratch("query", ["tokens", heads * width]);
  const keys = b.cache("keys", kvHeads * width, "f16");
  const values = b.cache("values", kvHeads * width, "f16");
  const normed = b.scratch("normed", ["tokens", 64]);
  const inputs = { x, norm: w("norm"), weight: w("qkv"), rope: w("rope"), keys, values };
  const shape = { heads, kvHeads, headDimension: width };
  b.node("qkv", "qkv", inputs, { query, normed }, { ...shape, rotaryDimension: width, epsilon });
  const attnOutput = b.boundary("attnOutput", ["tokens", heads * width]);
  b.node("attention", "attention", { query, keys, values }, { attnOutput }, { ...shape, scale: 0.05 });
}

// 32 queries a tile: eight tiles or fewer divide their keys among blocks, and more do not.
test("a sequence beside others, with its keys divided among blocks or not", async () => {
  const hidden = 64;
  const length = 250;
  const { weight, embedding, slots } = setting(8, hidden, length, { quantized: "bf16" });
  const weights = {
    embedding,
    norm: weight(hidden),
    qkv: weight((heads + 2 * kvHeads) * width, hidden),
    rope: { shape: [length, width], data: new Float32Array(length * width).fill(0.5) },
  };
  const others = [slots[0]!.slice(0, 40), slots[0]!.slice(3, 20)];
  const experimentOf = (all: readonly (readonly number[])[]): Experiment => ({
    weights,
    hidden,
    slots: all,
    spans: all.map(({ length: end }, slot) => wholeSpan(slot, end)),
    body: attentionNodes,
  });
  const alone = await rowsOf("attnOutput", experimentOf(slots), length, heads * width);
  expect(await rowsOf("attnOutput", experimentOf([...slots, ...others]), length, heads * width)).toEqual(
    alone,
  );
});
