/** Presets: each is a valid request, a model's own come before its family's, and what a request says before both. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bind,
  cachePolicies,
  decoders,
  Engine,
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
  tiny = await Engine.load(cpuSurroundings.embeddedModel, { backend: cpuSurroundings.backend });
});
afterAll(() => tiny.dispose());

// Those whose rows predict the next position cannot generate yet.
const shifted = ["dream", "fast-dllm-v2", "rnd1", "qwen3-causal"];

test.each(oracleModels.filter((name) => !shifted.includes(name)))(
  "the published presets of %s are valid, and run",
  async (name) => {
    const engine = await Engine.load(cpuSurroundings.model(name), { backend: cpuSurroundings.backend });
    const { presets } = engine.model;
    expect(presets.source).toMatch(/^published: .*not measured here$/);
    for (const preset of presetNames) {
      const { decoder, cache, smoothing } = presets.settings[preset];
      bind("decoder", decoders, decoder);
      if (cache) bind("cache", cachePolicies, cache);
      if (smoothing) validate("smoothing", smoothingParameters, smoothing);
      const { done } = await runToEnd(engine, { tokens: [5, 6, 7], genLength: 20, preset });
      expect(done.tokens.length).toBeLessThanOrEqual(20);
    }
    await engine.dispose();
  },
);

test("the embedded model's own are measured, and the default is 'balanced'", async () => {
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
    /one of quality, balanced, speed, or null: found "fast"/,
  );
});

describe("presets of a file are refused", () => {
  const decoder = { name: "threshold" };
  test.each([
    [[], /no object/],
    [{}, /without a 'source'/],
    [{ source: "x", quality: { decoder }, balanced: { decoder } }, /no preset 'speed'/],
    [
      { source: "x", quality: { decoder }, balanced: { decoder, steps: 3 }, speed: { decoder } },
      /'balanced' with an unknown field: found 'steps'/,
    ],
  ])("%j", (value, message) => {
    expect(() => readPresets(value, "generation_config.json")).toThrow(message);
  });
});
