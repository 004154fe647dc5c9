/** Long prompts of block-causal models are encoded in pieces: the answer is the same to the last bit, and others go on. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { decisions, prompt } from "./decisions.ts";

const load = (name: string, options: { prefillTokens?: number; cacheDType?: "f16" } = {}) =>
  Engine.load(cpuSurroundings.model(name), { backend: cpu(), ...options });

const pieces = ({ steps }: Run) => steps.filter(({ prefill }) => prefill).map(({ window }) => window);

const request = fc.record({
  tokens: fc.array(fc.integer({ min: 2, max: 95 }), { maxLength: 70, minLength: 1, size: "max" }),
  genLength: fc.integer({ min: 1, max: 9 }),
  temperature: fc.constantFrom(0, 0.7),
  seed: fc.nat(1000),
  decoder: fc.constant({ name: "fixed", steps: 2 }),
  cfgScale: fc.constantFrom(0, 0, 1.5),
  overrides: fc.constantFrom({}, { origin: "prompt" as const }),
});

describe.each([
  ["llada2", 8, {}],
  ["sdar", 4, {}],
  ["sdar", 4, { cacheDType: "f16" }],
  ["fast-dllm-v2", 8, {}],
  ["qwen3-causal", 1, {}],
] as const)("%s, in blocks of %i", (name, maskBlock, options) => {
  test.each([1, 10, 24])("pieces of %i positions", async (prefillTokens) => {
    const whole = await load(name, { ...options, prefillTokens: 1000 });
    const cut = await load(name, { ...options, prefillTokens });
    let most = 0;
    const one = async (asked: GenerateRequest) => {
      const expected = await runToEnd(whole, asked);
      const found = await runToEnd(cut, asked);
      expect(decisions(found)).toEqual(decisions(expected));
      const [all] = pieces(expected);
      expect(pieces(expected).length).toBeLessThanOrEqual(1);
      const origin = asked.overrides?.origin === "prompt" ? asked.tokens!.length : 0;
      let end = 0;
      for (const piece of pieces(found)) {
        expect(piece.start).toBe(end);
        expect(piece.end - piece.start).toBeLessThanOrEqual(Math.max(prefillTokens, maskBlock));
        end = piece.end;
        expect((end - origin) % maskBlock).toBeCloseTo(0);
      }
      expect(end).toBe(all?.end ?? 0);
      expect(found.done.usage).toMatchObject({
        prefills: pieces(found).length,
        forwards: expected.done.usage.forwards,
      });
      most = Math.max(most, pieces(found).length);
    };
    await fc.assert(fc.asyncProperty(request, one), { numRuns: 12, seed: 41 });
    expect(most).toBeGreaterThan(1);
    await whole.dispose();
    await cut.dispose();
  });
});

test("who decodes goes on beside a long prompt, piece by piece", async () => {
  const engine = await load("sdar", { prefillTokens: 16 });
  const short = { tokens: prompt(3), genLength: 16, decoder: { name: "fixed", steps: 4 } };
  const long = { ...short, tokens: prompt(160, 2), genLength: 4 };
  const runs = await Promise.all([runToEnd(engine, short), runToEnd(engine, long)]);
  const steps = runs.map((run) => run.steps.length);
  expect(pieces(runs[1]!)).toHaveLength(10);
  expect(steps[0]).toBeGreaterThan(15);
  // The shorter way is all beside the longer one.
  const { passes, rows } = await engine.status();
  expect({ passes, rows }).toEqual({ passes: Math.max(...steps), rows: steps[0]! + steps[1]! });
  await engine.dispose();
});

test("the pieces of several prompts share what a pass may encode", async () => {
  const engine = await load("sdar", { prefillTokens: 16 });
  const requests = [1, 2, 3].map((seed) => ({
    tokens: prompt(64, seed),
    genLength: 4,
    decoder: { name: "fixed", steps: 1 },
  }));
  const runs = await Promise.all(requests.map((each) => runToEnd(engine, each)));
  for (const run of runs) expect(pieces(run)).toHaveLength(4);
  expect((await engine.status()).passes).toBeGreaterThanOrEqual(12);
  await engine.dispose();
});

test("reference policies encode a prompt in one pass, and bidirectional spans are never cut", async () => {
  const causal = await load("sdar", { prefillTokens: 4 });
  const reference = await runToEnd(causal, {
    tokens: prompt(40),
    genLength: 4,
    cache: { name: "dInferBlock" },
  });
  expect(pieces(reference)).toEqual([{ start: 0, end: 40 }]);
  await causal.dispose();
  const both = await load("llada-moe", { prefillTokens: 4 });
  const { steps } = await runToEnd(both, {
    tokens: prompt(40),
    genLength: 4,
    decoder: { name: "fixed", steps: 2 },
  });
  expect(steps[0]!.window).toEqual({ start: 0, end: 44 });
  await both.dispose();
});

test("a limit that is no positive integer is refused", async () => {
  await expect(load("sdar", { prefillTokens: 0 })).rejects.toMatchObject({
    code: "invalid-request",
    message: "Cannot load the model as 'prefillTokens' must be a positive integer: found 0",
  });
});
