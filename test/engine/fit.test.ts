/** Whether a device can hold a model is known from its configuration, and said with what would fit. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { exceededLimitsOf } from "../../src/backends/gpu/exceededLimits.ts";
import { limitsText } from "../../src/core/engine/backend/checkLimits.ts";
import { chooseCapacity, type SizeOptions } from "../../src/core/engine/backend/sizes.ts";
import { type BackendFactory, Engine, type ModelSource } from "../../src/core/index.ts";
import { type Architecture, buildPlans, type Model, weightSpecs } from "../../src/core/model/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

/** LLaDA-8B. */
const architecture: Architecture = {
  vocabulary: 126464,
  hidden: 4096,
  heads: 32,
  kvHeads: 32,
  headDimension: 128,
  rotaryDimension: 128,
  ropeTheta: 500000,
  epsilon: 1e-5,
  context: 4096,
  queryKeyNorm: false,
  qkvBias: false,
  tied: false,
  feedForward: Array(32).fill({ kind: "dense", intermediate: 12288 }),
};
const mebibyte = 2 ** 20;
/** What WebGPU promises of every device, and what large ones have. */
const least = {
  busyWorkgroups: 512,
  int8Activations: false,
  bindingBytes: 128 * mebibyte,
  bufferBytes: 256 * mebibyte,
};
const large = {
  busyWorkgroups: 512,
  int8Activations: false,
  bindingBytes: 4096 * mebibyte - 256,
  bufferBytes: 4096 * mebibyte,
};

function problem(options: SizeOptions, limits = least, changed: Partial<Architecture> = {}) {
  const a = { ...architecture, ...changed };
  const chosen = chooseCapacity({ architecture: a } as Model, options);
  const layer = { attentionNorm: "", query: "", key: "", value: "", output: "", feedForwardNorm: "" };
  const specs = weightSpecs(a, { embedding: "", finalNorm: "", head: "", layer: () => layer });
  const weights = specs.map((spec) => ({ ...spec, dtype: "bf16" as const }));
  const plans = buildPlans(a, weights, chosen.capacity, chosen.cacheDType);
  return limitsText(exceededLimitsOf(plans, limits, limits.bindingBytes), chosen);
}

test("what fits has no problem", () => {
  expect(problem({ context: 1024, batch: 1 })).toBeUndefined();
  expect(problem({ context: 4096, batch: 8 }, large)).toBeUndefined();
});

test("a K/V pool that is too large names positions that would fit, and they do", () => {
  const narrow = { hidden: 1024, heads: 32, headDimension: 128 };
  const text = problem({ context: 1024, batch: 12 }, least, narrow);
  expect(text).toBe(
    "'layers.0.keys' takes 201326592 bytes, and the device holds at most 134217728 in one piece; it would fit with cachePositions of at most 8192; cacheDType f16 halves its size",
  );
  expect(problem({ context: 1024, cachePositions: 8192 }, least, narrow)).toBeUndefined();
  expect(problem({ context: 1024, batch: 12, cacheDType: "f16" }, least, narrow)).toBeUndefined();
});

test("a pass that is too large names the context that would fit, and it does", () => {
  const text = problem({ context: 4096, batch: 1 });
  expect(text).toBe(
    "the arena takes 805306368 bytes, and the device holds at most 268435456 in one piece; it would fit with a context of at most 1365",
  );
  expect(problem({ context: 1365, batch: 1 })).toBeUndefined();
});

test("where a pass must be small, the pool must be too", () => {
  const little = {
    busyWorkgroups: 512,
    int8Activations: false,
    bindingBytes: 64 * mebibyte,
    bufferBytes: 128 * mebibyte,
  };
  const text = problem({ context: 2048, batch: 2 }, little);
  expect(text).toMatch(/a context of at most 682 and cachePositions of at most 682$/);
  expect(problem({ context: 682, cachePositions: 682 }, little)).toBeUndefined();
});

test("a weight of which not even a row fits is beyond every option", () => {
  const tiny = { busyWorkgroups: 512, int8Activations: false, bindingBytes: 16 * 1024, bufferBytes: 2 ** 40 };
  expect(problem({ context: 1, batch: 1 }, tiny)).toMatch(
    / the size of .+ is fixed: use another device or a smaller model$/,
  );
});

test("batch and cachePositions together are refused", () => {
  expect(() => problem({ batch: 2, cachePositions: 100 })).toThrow(
    "'batch' and 'cachePositions' exclude each other",
  );
});

test("a source that keeps what it downloads is asked for nothing where the device cannot hold the model", async () => {
  const downloaded: string[] = [];
  const source: ModelSource = {
    ...cpuSurroundings.tinyModel,
    download: async (names) => {
      downloaded.push(...names);
      return false;
    },
  };
  const exceededLimits = () => [{ what: "the arena", bytes: 3, limitBytes: 2, growsWith: "no" } as const];
  const small: BackendFactory = async () => Object.assign(await cpu()(), { exceededLimits });
  await expect(Engine.load(source, { backend: small })).rejects.toMatchObject({
    code: "out-of-memory",
    message: expect.stringContaining("the arena takes 3 bytes"),
  });
  expect(downloaded).toEqual([]);
  const engine = await Engine.load(source, { backend: cpu() });
  await engine.dispose();
  expect(downloaded).toEqual(["model.safetensors"]);
});
