/** Weights of every stored type: the rows that the kernels read are the stored numbers, and products are of them. */
import { test } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  type DType,
  f32ToF16,
  isQuantized,
  PlanBuilder,
  storedWeightDTypes,
  tokenBuckets,
  type WeightEntry,
} from "../../src/core/tensor/index.ts";
import { blockFormats } from "../../src/core/weights/blocks.ts";
import { toF32 } from "../../src/core/weights/convert.ts";
import { generator, matrix } from "../suites/conformance/random.ts";
import { linear, toRows } from "../suites/conformance/reference.ts";
import { wholeSpan } from "../suites/conformance/wholeSpan.ts";
import { near } from "../suites/suite.ts";

// Blocks of every type, and more than are unpacked at a time.
const columns = 768;
const rows = 27;

/** Numbers as they are stored. */
function storedAs(dtype: DType, values: Float32Array): Uint8Array {
  if (isQuantized(dtype)) return blockFormats[dtype].quantize(values, "test");
  if (dtype === "f32") return new Uint8Array(values.buffer);
  const bits = new Uint32Array(values.buffer);
  const halves =
    dtype === "f16" ? Uint16Array.from(values, f32ToF16) : Uint16Array.from(bits, (b) => b >>> 16);
  return new Uint8Array(halves.buffer);
}

/** A weight in pieces of a few rows, so that panels are filled in parts. */
function entryOf(symbol: string, dtype: DType, bytes: Uint8Array): WeightEntry {
  const rowBytes = bytes.length / rows;
  const source = (start: number, end: number) => ({
    name: symbol,
    size: end - start,
    read: async (offset: number, length: number) => bytes.slice(start + offset, start + offset + length),
  });
  const bounds = [0, 3, 12, 20, rows].map((row) => row * rowBytes);
  const pieces = bounds.slice(1).map((end, index) => {
    const start = bounds[index]!;
    return { source: source(start, end), offset: 0, bytes: end - start, dtype, tensor: symbol };
  });
  return { symbol, shape: [rows, columns], dtype, pieces };
}

test.each(storedWeightDTypes)("rows and products of %s", async (dtype) => {
  const random = generator(7);
  const values = { embedding: matrix(random, rows, columns), weight: matrix(random, rows, columns, 1e-3) };
  // Below the normal numbers of f16, and beside them its largest one.
  if (!isQuantized(dtype)) values.embedding.set([0, -0, 3e-8, -6e-6, 65504]);
  const stored = {
    embedding: storedAs(dtype, values.embedding),
    weight: storedAs(dtype, values.weight),
  };
  const kept = (name: keyof typeof stored) => {
    const out = new Float32Array(rows * columns);
    toF32(stored[name], dtype, out);
    return out;
  };
  const capacity = { tokens: rows, rows: 1, positions: rows };
  const b = new PlanBuilder("body", capacity);
  const x = b.boundary("x", ["tokens", columns]);
  const y = b.boundary("y", ["tokens", rows]);
  const embedding = b.weight("embedding", [rows, columns], dtype);
  b.node("embed", "embed", { weight: embedding }, { x }, { hidden: columns });
  const inputs = {
    x,
    weight: b.weight("weight", [rows, columns], dtype),
    bias: undefined,
    residual: undefined,
  };
  b.node("project", "project", inputs, { y }, { outFeatures: rows, inFeatures: columns });
  const backend = await wasm({ threads: 2 })();
  const head = new PlanBuilder("head", capacity).build();
  const plans = { body: b.build(), head, buckets: tokenBuckets(rows) };
  const names = ["embedding", "weight"] as const;
  await backend.load(
    names.map((name) => entryOf(name, dtype, stored[name])),
    plans,
  );
  await backend.prepare(plans);
  await backend.openSlot({ slot: 0, base: 0, length: rows });
  const tokens = [...Array(rows).keys()].reverse();
  await backend.commit([{ slot: 0, positions: [...tokens.keys()], tokens }]);
  await backend.submit({ spans: [wholeSpan(0, rows)], head: [] });
  const found = { x: toRows(await backend.read("x"), columns), y: toRows(await backend.read("y"), rows) };
  await backend.dispose();

  const expected = toRows(kept("embedding"), columns);
  const weight = toRows(kept("weight"), columns);
  for (const [row, token] of tokens.entries()) {
    near(found.x[row]!, expected[token]!, 0, `row ${row} of the embedding`);
    near(found.y[row]!, linear(expected[token]!, weight), isQuantized(dtype) ? 1e-4 : 2e-5, `row ${row}`);
  }
});
