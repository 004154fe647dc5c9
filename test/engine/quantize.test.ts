/** The type of weights in memory: what it is taken of, what it costs, and what is refused. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { residentWeightBytes } from "../../src/core/engine/backend/checkLimits.ts";
import { quantizedWeightBytes } from "../../src/core/engine/backend/weightSizes.ts";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { Engine, type EnginePlan, type Quantization } from "../../src/core/index.ts";
import {
  costOf,
  countsOf,
  type DType,
  f32OrQuantized,
  type QuantizedDType,
  quantizedDTypes,
  storedWeightDTypes,
} from "../../src/core/tensor/index.ts";
import { quantized, quantizedDType } from "../../src/core/weights/quantized.ts";
import { filesOnDisk } from "../support/surroundings.ts";

test.each([
  ["q8_0", "q8_0"],
  ["q6_k", "q8_0"],
  ["q4_k", "q4_0"],
  ["q4_0", "q4_0"],
] as const)("matrices are quantized to %s, the router and vectors are not", async (quantize, narrow) => {
  const { weights } = await readModelFiles(filesOnDisk.tinyModel, { quantize });
  const dtypeOf = (symbol: string) => weights.find((each) => each.symbol === symbol)?.dtype;
  expect(
    ["layers.0.qkv", "layers.0.output", "layers.0.experts.gateUp", "layers.0.experts.down"].map(dtypeOf),
    // Rows of 128 elements are no whole blocks of 256.
  ).toEqual(Array(4).fill(narrow));
  expect(dtypeOf("embedding")).toBe("q8_0");
  expect(dtypeOf("layers.0.attentionNorm")).toBe("f32");
  const stored = (await readModelFiles(filesOnDisk.tinyModel)).weights;
  const router = stored.find(({ symbol }) => symbol === "layers.0.router");
  expect(dtypeOf("layers.0.router")).toBe(router?.dtype);
});

test("sizes and costs count each weight in its own type", async () => {
  const plan = (quantize: Quantization) => Engine.plan(filesOnDisk.tinyModel, { quantize });
  const [stored, small] = [await plan("none"), await plan("q8_0")];
  const span = { slot: 0, start: 0, end: 32, visible: 32, maskBlock: Infinity, origin: 0 };
  const bytesOf = ({ plans }: EnginePlan) =>
    costOf(plans.body, countsOf([span], 32, 64)).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(bytesOf(small)).toBeLessThan(bytesOf(stored));
  expect(stored.weightBytes).toBe(4 * stored.parameters);
  // Quantized weights keep their type on every backend.
  expect(small.weightBytes).toBeLessThan(0.3 * stored.weightBytes);
  expect(small.storedWeightBytes).toBeLessThanOrEqual(small.weightBytes);
  const backend = await cpu()();
  expect(residentWeightBytes(backend, small)).toBe(small.weightBytes);
  await backend.dispose();
});

test("what is left when no matrix can be quantized is refused", () => {
  const entry = (symbol: string, ...shape: number[]) => ({
    symbol,
    shape,
    dtype: "f32" as const,
    pieces: [],
  });
  const entries = [entry("router", 4, 64), entry("narrow", 64, 40), entry("norm", 64)];
  const specsOf = (all: readonly { symbol: string; shape: readonly number[] }[]) =>
    all.map(({ symbol, shape }) => ({
      symbol,
      shape,
      parts: [],
      ...(symbol === "router" && { quantization: "never" as const }),
    }));
  expect(() => quantized(entries, specsOf(entries), "q8_0")).toThrow(
    expect.objectContaining({ code: "unsupported", message: expect.stringContaining("found no matrix") }),
  );
  const wide = entry("wide", 3, 32);
  const all = [...entries, wide];
  const dtypes = quantized(all, specsOf(all), "q8_0").map(({ dtype }) => dtype);
  expect(dtypes).toEqual(["f32", "f32", "f32", "q8_0"]);
});

test("another type is refused", async () => {
  const loading = Engine.load(filesOnDisk.tinyModel, { backend: cpu(), quantize: "int3" as "q8_0" });
  await expect(loading).rejects.toThrow(
    "Cannot load the model as 'quantize' must be one of none, q8_0, q6_k, q4_k, q4_0: found \"int3\"",
  );
});

test("the type of a weight follows from its rows, its bits as stored, and what the model allows", () => {
  const typeOf = (stored: DType, columns: number, wanted: QuantizedDType, quantization?: "never" | "int8") =>
    quantizedDType({ shape: [4, columns], dtype: stored }, quantization ? { quantization } : {}, wanted);
  expect(quantizedDTypes.map((wanted) => typeOf("bf16", 512, wanted))).toEqual(quantizedDTypes);
  expect(quantizedDTypes.map((wanted) => typeOf("bf16", 96, wanted))).toEqual([
    "q8_0",
    "q8_0",
    "q4_0",
    "q4_0",
  ]);
  expect(quantizedDTypes.map((wanted) => typeOf("bf16", 512, wanted, "int8"))).toEqual(Array(4).fill("q8_0"));
  expect(quantizedDTypes.map((wanted) => typeOf("bf16", 512, wanted, "never"))).toEqual(
    Array(4).fill(undefined),
  );
  expect(quantizedDTypes.map((wanted) => typeOf("q6_k", 512, wanted))).toEqual([
    undefined,
    undefined,
    "q4_k",
    "q4_0",
  ]);
  expect(typeOf("f32", 40, "q4_0")).toBeUndefined();
});

test("bytes by type, and what the weights would take as each type, are those of plans with the type", async () => {
  const { model, weights } = await readModelFiles(filesOnDisk.tinyModel);
  const bytes = quantizedWeightBytes(model.weights, weights, { residentDTypes: storedWeightDTypes });
  for (const [quantize, expected] of Object.entries(bytes)) {
    const plan = await Engine.plan(filesOnDisk.tinyModel, { quantize: quantize as Quantization });
    expect(plan.storedWeightBytes).toBe(expected);
    expect(plan.weightTypes.reduce((sum, each) => sum + each.bytes, 0)).toBe(expected);
    expect(plan.weightTypes.reduce((sum, each) => sum + each.parameters, 0)).toBe(plan.parameters);
  }
  const inF32 = quantizedWeightBytes(model.weights, weights, { residentDTypes: f32OrQuantized });
  expect(inF32.none).toBeGreaterThan(bytes.none);
});
