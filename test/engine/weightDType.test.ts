/** The type of weights in memory: what it is taken of, what it costs, and what is refused. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { residentWeightBytes } from "../../src/core/engine/backend/checkLimits.ts";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { Engine, type EnginePlan, type WeightDType } from "../../src/core/index.ts";
import { costOf, countsOf } from "../../src/core/tensor/index.ts";
import { quantized } from "../../src/core/weights/quantized.ts";
import { filesOnDisk } from "../support/surroundings.ts";

test("matrices are quantized, the router and vectors are not", async () => {
  const { weights } = await readModelFiles(filesOnDisk.embeddedModel, { weightDType: "q8_0" });
  const dtypeOf = (symbol: string) => weights.find((each) => each.symbol === symbol)?.dtype;
  expect(
    ["embedding", "layers.0.qkv", "layers.0.output", "layers.0.experts.gateUp", "layers.0.experts.down"].map(
      dtypeOf,
    ),
  ).toEqual(Array(5).fill("q8_0"));
  expect(dtypeOf("layers.0.attentionNorm")).toBe("f32");
  const stored = (await readModelFiles(filesOnDisk.embeddedModel)).weights;
  const router = stored.find(({ symbol }) => symbol === "layers.0.router");
  expect(dtypeOf("layers.0.router")).toBe(router?.dtype);
});

test("sizes and costs count each weight in its own type", async () => {
  const plan = (weightDType: WeightDType) => Engine.plan(filesOnDisk.embeddedModel, { weightDType });
  const [stored, small] = [await plan("stored"), await plan("q8_0")];
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
  const specs = entries.map((each) => ({ ...each, parts: [], neverQuantized: each.symbol === "router" }));
  expect(() => quantized(entries, specs, "q8_0")).toThrow(
    expect.objectContaining({ code: "unsupported", message: expect.stringContaining("found no matrix") }),
  );
  const wide = entry("wide", 3, 32);
  const dtypes = quantized([...entries, wide], specs, "q8_0").map(({ dtype }) => dtype);
  expect(dtypes).toEqual(["f32", "f32", "f32", "q8_0"]);
});

test("another type is refused", async () => {
  const loading = Engine.load(filesOnDisk.embeddedModel, { backend: cpu(), weightDType: "int3" as "q8_0" });
  await expect(loading).rejects.toThrow(
    "Cannot load the model as 'weightDType' must be stored or q8_0: found \"int3\"",
  );
});
