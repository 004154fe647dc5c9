/**
 * Every request comes to its end or is refused, whatever it names: decoders (built-in ones and a user's, well-behaved or
 * not), caches, canvases, drafts, holes, closing tokens, limits and budgets.
 */
import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import type { Parameter } from "../../src/core/declare/index.ts";
import {
  cachePolicies,
  type Decoder,
  DiffusionError,
  type DoneEvent,
  decoder,
  decoders,
  Engine,
  type GenerateRequest,
} from "../../src/core/index.ts";
import { parametersOf } from "../support/decoderArbitraries.ts";
import { forgetful, sisyphus } from "../support/revoking.ts";
import { scriptedBackend } from "../support/scriptedBackend.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

const about = { help: "", source: "", parameters: {} };
/** What users write, and what they should not. */
const own: readonly Decoder[] = [
  decoder({
    ...about,
    name: "everything",
    commit: ({ open, token }, _, out) => {
      for (const offset of open) out.commit(offset, token[offset]!);
    },
  }),
  decoder({ ...about, name: "nothing", commit: () => {} }),
  decoder({ ...about, name: "idle", transferCount: () => 0, commit: () => {} }),
  decoder({
    ...about,
    name: "late",
    transferCount: ({ open, step }) => (step % 40 === 39 ? Math.min(open, 2) : 0),
    commit: ({ open, token, step }, _, out) => {
      if (step % 40 === 39) for (const offset of open.slice(0, 2)) out.commit(offset, token[offset]!);
    },
  }),
  decoder({
    ...about,
    name: "restless",
    needs: ["known"],
    isBlockDone: () => false,
    commit: ({ open, known, current, token }, _, out) => {
      for (const offset of open) out.commit(offset, token[offset]!);
      for (const offset of known) if (token[offset] !== current[offset]) out.edit(offset, token[offset]!);
    },
  }),
  decoder({
    ...about,
    name: "neverSettled",
    isBlockDone: () => false,
    commit: ({ open, token }, _, out) => out.commit(open[0]!, token[open[0]!]!),
  }),
  forgetful,
  sisyphus,
];

function choice(declared: {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}) {
  return parametersOf(declared as Decoder).map((parameters) => ({ ...parameters, name: declared.name }));
}
const anyDecoder = fc.oneof(...[...decoders, ...decoders, ...own].map(choice));
const anyCache = fc.oneof(...cachePolicies.map(choice));
const tokens = fc.array(fc.integer({ min: 2, max: 99 }), { maxLength: 20 });
const limit = fc.option(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(100_000)), { freq: 3 });
const hole = fc.oneof(
  fc.record({ length: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ minimum: fc.integer({ min: 0, max: 4 }), maximum: fc.integer({ min: 1, max: 9 }) }),
);
/** Most fields stand in few requests: too many of them together are refused for one of them. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 7 }, { arbitrary, weight: 1 });
const shape = {
  decoder: fc.option(anyDecoder, { nil: undefined, freq: 8 }),
  cache: fc.oneof(rarely(anyCache), fc.constantFrom(undefined, { name: "dual" }, { name: "none" })),
  maxForwards: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 2 }),
  temperature: fc.constantFrom(0, 0, 0.7),
  seed: fc.integer({ min: 0, max: 1000 }),
  smoothing: rarely(fc.constant({})),
  topLogprobs: fc.constantFrom(null, null, 2),
};
const generation = fc.record({
  ...shape,
  tokens,
  genLength: fc.integer({ min: 1, max: 40 }),
  maxTokens: limit,
  blockLength: fc.constantFrom(null, 1, 4, 8, 32),
  subBlockLength: rarely(fc.constant(3)),
  alignBlocksToGrid: rarely(fc.constant(true)),
  trimLastBlock: rarely(fc.constant(true)),
  endToken: rarely(fc.constantFrom("pad" as const, "stop" as const)),
  earlyStop: rarely(fc.constant(false)),
  cfgScale: rarely(fc.constant(1.5)),
  stop: rarely(fc.constantFrom(["a"], ["zzz", "b"])),
  draft: rarely(
    fc.record({
      tokens: fc.array(fc.integer({ min: 2, max: 99 }), { minLength: 1, maxLength: 40 }),
      remaskFraction: fc.constantFrom(0.01, 0.5, 1),
    }),
  ),
  overrides: rarely(
    fc.oneof(fc.record({ maskBlock: fc.constantFrom(1, 4, 8) }), fc.constant({ stopTokens: [] })),
  ),
});
const infilling = fc.record({
  ...shape,
  infill: fc.array(fc.oneof(tokens, hole), { minLength: 1, maxLength: 4 }),
});
const anyRequest = fc.oneof({ arbitrary: generation, weight: 5 }, { arbitrary: infilling, weight: 1 });

/** The smallest context in which everything above may go on for a while. */
const sizes = { context: 160, cachePositions: 480 };
const backend = scriptedBackend({ vocabulary: 104, frequent: [2, 0, 5], maxPasses: 4000 });
let scripted: Engine;
let tiny: Engine;
beforeAll(async () => {
  scripted = await Engine.load(cpuSurroundings.tinyModel, {
    ...sizes,
    backend: async () => backend,
    decoders: own,
  });
  tiny = await Engine.load(cpuSurroundings.tinyModel, { ...sizes, backend: cpu(), decoders: own });
});
afterAll(async () => {
  await scripted.dispose();
  await tiny.dispose();
});

/** Runs a request as it came from outside; what refuses it is an error of ours, and is not a bug. */
async function outcome(engine: Engine, request: object): Promise<DoneEvent | DiffusionError> {
  try {
    for await (const event of engine.generate(request as GenerateRequest))
      if (event.type === "done") return event;
  } catch (error) {
    if (error instanceof DiffusionError) return error;
    throw error;
  }
  throw new Error("The generation ended without 'done'");
}

const refusals = ["invalid-request", "context-exceeded", "out-of-memory"];

/** @returns how many of the drawn requests were refused */
async function check(engine: Engine, numRuns: number): Promise<{ ended: number; refused: number }> {
  const counts = { ended: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(anyRequest, fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (request, seed) => {
      backend.restart(seed);
      const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
      const result = await outcome(engine, given);
      if (result instanceof DiffusionError) {
        expect(refusals).toContain(result.code);
        counts.refused++;
      } else {
        counts.ended++;
        const { maskToken, stopTokens } = engine.model;
        const most = "maxTokens" in request ? (request.maxTokens ?? request.genLength) : Infinity;
        expect(result.tokens.length).toBeLessThanOrEqual(most);
        if (result.reason === "length" && request.maxForwards === null && !("infill" in request))
          expect(result.canvas).not.toContain(maskToken);
        const ownStops = "overrides" in request && request.overrides && "stopTokens" in request.overrides;
        if (!("infill" in request) && !ownStops)
          for (const token of result.tokens) expect(stopTokens).not.toContain(token);
      }
      expect(await engine.status()).toMatchObject({ waiting: 0, active: 0, usedPositions: 0 });
    }),
    { numRuns },
  );
  return counts;
}

const thorough = process.env["UNMASK_TRACES"] === "all";

test("on a model that says anything", async () => {
  const runs = thorough ? 9000 : 600;
  const { ended, refused } = await check(scripted, runs);
  expect(ended).toBeGreaterThan(runs / 3);
  expect(refused).toBeGreaterThan(runs / 20);
}, 3_600_000);

test("on models/tiny", async () => {
  const { ended } = await check(tiny, thorough ? 1000 : 40);
  expect(ended).toBeGreaterThan(10);
}, 3_600_000);
