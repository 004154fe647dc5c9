/** The page offers what the engine accepts, and nothing that it refuses. */
import { beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import {
  cachePolicies,
  DiffusionError,
  decoders,
  Engine,
  type GenerateRequest,
} from "../../src/core/index.ts";
import { tinyModel } from "../../test/support/tinyModel.ts";
import {
  applyPreset,
  change,
  isComparing,
  laneSettings,
  presetsOf,
  refusedFields,
  requestOfSettings,
  settings,
  shared,
} from "./settings.ts";
import { validCaches, whyNoSmoothing } from "./validity.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(tinyModel(), { backend: cpu() });
  return () => engine.dispose();
});

const messages = [{ role: "user", content: "sort 4 2 9" }];

/** Whether the engine accepts a request: it refuses before its first pass. */
async function accepts(request: GenerateRequest): Promise<boolean> {
  const events = engine.generate({ messages, genLength: 8, maxForwards: 1, ...request });
  try {
    await events.next();
    return true;
  } catch (error) {
    if (error instanceof DiffusionError && error.code === "invalid-request") return false;
    throw error;
  } finally {
    await events.return();
  }
}

test("a cache is offered for a decoder where the engine accepts both, and nowhere else", async () => {
  for (const { name } of decoders) {
    const offered = new Set(validCaches({ name }, engine.info));
    for (const policy of cachePolicies) {
      const request = { decoder: { name }, cache: { name: policy.name } };
      expect([name, policy.name, await accepts(request)]).toEqual([name, policy.name, offered.has(policy)]);
    }
  }
});

test("smoothing is offered for a decoder where the engine accepts both, and nowhere else", async () => {
  const choices = [
    ...decoders.map(({ name }) => ({ name })),
    { name: "hierarchical", threshold: 0.9 },
    { name: "hierarchical", threshold: null },
  ];
  for (const decoder of choices) {
    const isOffered = whyNoSmoothing(decoder, engine.info) === undefined;
    expect([decoder, await accepts({ decoder, smoothing: {} })]).toEqual([decoder, isOffered]);
  }
});

test("a decoder that refuses the chosen cache and smoothing takes their place", () => {
  change({ decoder: { name: "threshold" }, cache: { name: "dual" }, smoothing: {} }, engine.info);
  change({ decoder: { name: "edit" } }, engine.info);
  expect(settings.value).toMatchObject({
    decoder: { name: "edit" },
    cache: { name: "none" },
    smoothing: null,
  });
});

test("the engine accepts each preset", async () => {
  const names = presetsOf(engine.info);
  expect(names).toContain("balanced");
  for (const name of names) {
    applyPreset(name, engine.info);
    expect([name, await accepts({ ...requestOfSettings(), genLength: 8 })]).toEqual([name, true]);
  }
});

test("a value outside its declaration is named, with its lane where there are two", () => {
  change({ decoder: { name: "fixed", steps: 0 } }, engine.info);
  change({ cache: { name: "dual" }, decoder: { name: "fixed", steps: 0 } }, engine.info, 1);
  shared.value = { seed: -1 };
  expect(refusedFields(engine.info)).toEqual(["seed", "steps"]);
  isComparing.value = true;
  expect(refusedFields(engine.info)).toEqual(["seed", "steps of A", "steps of B"]);
});

test("lanes have settings of their own, and share the length and the seed", () => {
  shared.value = { genLength: 16, seed: 3 };
  change({ decoder: { name: "threshold" }, request: { temperature: 0.5 } }, engine.info);
  change({ decoder: { name: "fixed", steps: 4 }, request: {} }, engine.info, 1);
  const [a, b] = [requestOfSettings(0), requestOfSettings(1)];
  expect(a).toMatchObject({ genLength: 16, seed: 3, temperature: 0.5, decoder: { name: "threshold" } });
  expect(b).toMatchObject({ genLength: 16, seed: 3, decoder: { name: "fixed", steps: 4 } });
  expect(b.temperature).toBeUndefined();
  applyPreset("balanced", engine.info, 1);
  expect(laneSettings[0].value.decoder).toEqual({ name: "threshold" });
  expect(laneSettings[1].value.decoder).toEqual(engine.info.presets.settings.balanced.decoder);
});
