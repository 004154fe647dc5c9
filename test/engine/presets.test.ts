/** Presets: each is a valid request, a model's own come before its family's, and what a request says before both. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JsonField } from "../../src/cli/debug/jsonField.ts";
import { readSampleSets } from "../../src/cli/debug/sample.ts";
import {
  bind,
  cachePolicies,
  decoders,
  Engine,
  type GenerateRequest,
  presetNames,
  smoothingParameters,
  validate,
} from "../../src/core/index.ts";
import { readPresets } from "../../src/core/model/presets.ts";
import { oracleModels } from "../suites/logits.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

let tiny: Engine;
beforeAll(async () => {
  tiny = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
});
afterAll(() => tiny.dispose());

test.each(oracleModels)("the published presets of %s are valid, and run", async (name) => {
  const engine = await Engine.load(cpuSurroundings.model(name), { backend: cpuSurroundings.backend });
  const { presets } = engine.model;
  expect(presets.source).toMatch(/^published: .*not measured here$/);
  for (const preset of presetNames) {
    const { decoder, cache, smoothing } = presets.settings[preset];
    bind("decoder", decoders, decoder);
    if (cache) bind("cache", cachePolicies, cache);
    if (smoothing) validate("smoothing", smoothingParameters, smoothing);
    const { done } = await runToEnd(engine, { tokens: [5, 6, 7], genLength: 20, preset });
    expect(done.canvas).toHaveLength(23);
    expect(done.canvas.slice(3)).not.toContain(engine.model.maskToken);
  }
  await engine.dispose();
});

/** As the preset is, with what the sampler's run differs in from the defaults of its code. */
const runs: readonly (readonly [string, number, Partial<GenerateRequest>])[] = [
  ["llada", 0, { decoder: { name: "fixed", steps: 32 }, genLength: 32, blockLength: 32 }],
  ["llada2", 0, { decoder: { name: "quota", steps: 8, threshold: 0.95 }, genLength: 24 }],
  ["dream", 0, { decoder: { name: "dreamSchedule", steps: 12 }, genLength: 24, temperature: 0, topP: 1 }],
  ["sdar", 2, { decoder: { name: "quota", steps: 4 }, genLength: 24, greedy: true }],
  ["fast-dllm-v2", 0, { subBlockLength: 4, genLength: 25 }],
  [
    "rnd1",
    2,
    {
      decoder: { name: "linearSchedule", steps: 12, order: "entropy", rounding: "kept" },
      genLength: 24,
      greedy: true,
    },
  ],
  ["a2d-qwen3-bd3lm", 0, { genLength: 24 }],
  ["qwen3-causal", 0, { genLength: 24 }],
];

test.each(runs)("the official preset of %s is its sampler", async (name, index, given) => {
  const file = await cpuSurroundings.json<unknown>(`models/${name}/generate.json`);
  const { cases } = readSampleSets(new JsonField(name, "", file))[index]!;
  const engine = await Engine.load(cpuSurroundings.model(name), { backend: cpuSurroundings.backend });
  for (const { request, out } of cases.slice(0, 3)) {
    const { tokens, overrides } = request;
    const { done } = await runToEnd(engine, {
      preset: "official",
      tokens,
      overrides: overrides!,
      ...given,
    });
    // What is generated may reach beyond what the sampler returns, or not as far.
    const whole = out!.length > 25 && name === "sdar" ? done.canvas : done.canvas.slice(tokens.length);
    const length = Math.min(whole.length, out!.length);
    expect(length).toBeGreaterThan(15);
    expect(whole.slice(0, length)).toEqual(out!.slice(0, length));
  }
  await engine.dispose();
});

test("those of models/tiny are measured, and the default is 'balanced'", async () => {
  expect(tiny.model.presets.source).toMatch(/^measured: /);
  const messages = [{ role: "user", content: "story: leo, blue bird, lake" }];
  const byDefault = await runToEnd(tiny, { messages });
  const balanced = await runToEnd(tiny, { messages, preset: "balanced" });
  const quality = await runToEnd(tiny, { messages, preset: "quality" });
  const positions = (run: typeof balanced) => run.steps.map((step) => step.positions);
  expect(positions(byDefault)).toEqual(positions(balanced));
  expect(quality.done.usage.forwards).toBeGreaterThan(balanced.done.usage.forwards);
});

test("a request that decides for itself gets none by default, and may vary one", async () => {
  const prompt = "sort 3 1 2";
  const { decoder } = tiny.model.presets.settings.balanced;
  const itself = await runToEnd(tiny, { prompt, genLength: 32, cache: { name: "dual" } });
  const threshold = await runToEnd(tiny, {
    prompt,
    genLength: 32,
    cache: { name: "dual" },
    decoder: { name: "threshold" },
  });
  const varied = await runToEnd(tiny, { prompt, genLength: 32, preset: "balanced", cache: { name: "dual" } });
  const same = await runToEnd(tiny, { prompt, genLength: 32, decoder, cache: { name: "dual" } });
  const positions = (run: typeof varied) => run.steps.map((step) => step.positions);
  expect(positions(itself)).toEqual(positions(threshold));
  expect(positions(varied)).toEqual(positions(same));
  await expect(runToEnd(tiny, { prompt, preset: "fast" as "speed" })).rejects.toThrow(
    /one of quality, balanced, speed, official, or null: found "fast"/,
  );
});

describe("presets of a file are refused", () => {
  const decoder = { name: "threshold" };
  test.each([
    [[], /must have an object of presets/],
    [{}, /without a 'source'/],
    [{ source: "x", quality: { decoder }, balanced: { decoder } }, /no preset 'speed'/],
    [
      { source: "x", quality: { decoder }, balanced: { decoder, steps: 3 }, speed: { decoder } },
      /'balanced' with an unknown field: found 'steps'/,
    ],
  ])("%j", (value, message) => {
    expect(() => readPresets(value, "generation_config.json", tiny.model.presets)).toThrow(message);
  });
});
