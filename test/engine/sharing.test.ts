/** Prompts that begin alike are encoded once, and nobody can tell by what is answered. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { LosingDevices } from "../support/losingDevices.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { decisions, prompt } from "./decisions.ts";

const prefillTokens = 16;
const load = (name: string, options: { cacheDType?: "f16" } = {}) =>
  Engine.load(cpuSurroundings.model(name), { backend: cpu(), prefillTokens, ...options });

/** Positions of its prompt that a run has encoded itself. */
const encoded = ({ steps }: Run) =>
  steps.filter(({ prefill }) => prefill).reduce((sum, { window }) => sum + window.end - window.start, 0);
const shared = ({ done }: Run) => done.usage.sharedTokens;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Prompts of a few beginnings and a few ends, so that many have something in common, and mostly not all. */
const request: fc.Arbitrary<GenerateRequest> = fc
  .record({
    beginning: fc.constantFrom(1, 1, 1, 2),
    length: fc.noBias(fc.integer({ min: 0, max: 80 })),
    end: fc.array(fc.integer({ min: 2, max: 4 }), { maxLength: 12 }),
    genLength: fc.integer({ min: 1, max: 12 }),
    temperature: fc.constantFrom(0, 0.7),
    seed: fc.nat(1000),
    cfgScale: fc.constantFrom(0, 0, 0, 1.5),
    cache: fc.constantFrom("block", "block", "block", "dInferBlock").map((name) => ({ name })),
    overrides: fc.constantFrom(
      {},
      {},
      {},
      {},
      {},
      { origin: "prompt" as const },
      { maskToken: 97 },
      { maskBlock: 2 },
    ),
  })
  .map(({ beginning, length, end, overrides, ...rest }) => ({
    ...rest,
    tokens: [...prompt(length, beginning), 5, ...end],
    overrides,
    ...("maskBlock" in overrides ? { blockLength: 2 } : {}),
    decoder: { name: "fixed", steps: 2 },
  })) as fc.Arbitrary<GenerateRequest>;

describe.each([
  ["llada2", {}],
  ["sdar", {}],
  ["sdar", { cacheDType: "f16" }],
  ["fast-dllm-v2", {}],
  ["qwen3-causal", {}],
] as const)("%s %j", (name, options) => {
  test("each of a batch gets the bits that it gets alone, whatever it shares", async () => {
    const engine = await load(name, options);
    let copied = 0;
    const one = async (batch: GenerateRequest[]) => {
      const together = await Promise.all(batch.map((each) => runToEnd(engine, each)));
      for (const [index, asked] of batch.entries()) {
        const alone = await runToEnd(engine, asked);
        const found = together[index]!;
        expect(decisions(found)).toEqual(decisions(alone));
        expect(shared(alone)).toBe(0);
        expect(encoded(found) + shared(found)).toBe(encoded(alone));
        copied += shared(found);
      }
    };
    const batches = fc.array(request, { minLength: 3, maxLength: 6, size: "max" });
    await fc.assert(fc.asyncProperty(batches, one), { numRuns: 12, seed: 51 });
    expect(copied).toBeGreaterThan(200);
    await engine.dispose();
  });
});

const asked = (tokens: readonly number[]): GenerateRequest => ({
  tokens,
  genLength: 8,
  decoder: { name: "fixed", steps: 4 },
});

test("the same prompt many times at once is encoded once", async () => {
  const engine = await load("sdar");
  const count = 6;
  const requests = Array.from({ length: count }, (_, seed) => ({
    ...asked(prompt(66)),
    seed,
    temperature: 1,
  }));
  const runs = await Promise.all(requests.map((each) => runToEnd(engine, each)));
  expect(sum(runs.map(encoded))).toBe(64);
  expect(sum(runs.map(shared))).toBe((count - 1) * 64);
  const { passes } = await engine.status();
  // Four pieces; then all decode together, those that waited for the last piece one pass later.
  expect(passes).toBe(4 + Math.max(...runs.map(({ done }) => done.usage.forwards)));
  await engine.dispose();
});

test("a request that comes later copies the blocks that both prompts have, and no more", async () => {
  const engine = await load("sdar");
  const first = engine.generate({ ...asked(prompt(40)), genLength: 40 });
  let later: Promise<Run> | undefined;
  for await (const event of first) {
    // 30 tokens in common: seven blocks of four, and a half.
    if (event.type === "block") later ??= runToEnd(engine, asked([...prompt(30), 91, ...prompt(20, 2)]));
  }
  expect((await later!).done.usage).toMatchObject({ promptTokens: 51, sharedTokens: 28 });
  expect(encoded(await later!)).toBe(48 - 28);
  // Whoever has left has nothing to give.
  expect(shared(await runToEnd(engine, asked(prompt(40))))).toBe(0);
  await engine.dispose();
});

test("when the one that encodes is gone, another goes on from where it was", async () => {
  const engine = await load("sdar");
  const controller = new AbortController();
  const first = (async () => {
    for await (const event of engine.generate(asked(prompt(66)), { signal: controller.signal })) {
      if (event.type === "step") controller.abort();
    }
  })().catch((error) => error.code);
  const others = [asked(prompt(66)), asked(prompt(50))].map((each) => runToEnd(engine, each));
  const runs = await Promise.all(others);
  expect(await first).toBe("aborted");
  const alone = await runToEnd(engine, asked(prompt(66)));
  expect(decisions(runs[0]!)).toEqual(decisions(alone));
  expect(runs.map((run) => encoded(run) + shared(run))).toEqual([64, 48]);
  expect(sum(runs.map(shared))).toBeGreaterThanOrEqual(48);
  await engine.dispose();
});

test("a device that is lost on the way: every part of a prompt is told once, and the answers are the same", async () => {
  const collect = async (engine: Engine, each: GenerateRequest) => {
    const events: GenerateEvent[] = [];
    for await (const event of engine.generate(each)) events.push(event);
    return events;
  };
  const batch = [asked(prompt(66)), asked(prompt(50)), asked([...prompt(30), 91, ...prompt(20, 2)])];
  const source = cpuSurroundings.model("sdar");
  const calm = await load("sdar");
  const expected = await Promise.all(batch.map((each) => runToEnd(calm, each)));
  await calm.dispose();
  const counting = new LosingDevices(cpu());
  const counted = await Engine.load(source, { backend: counting.factory, prefillTokens });
  await Promise.all(batch.map((each) => runToEnd(counted, each)));
  await counted.dispose();
  for (const call of ["submit", "copyCache", "commit"] as const) {
    const calls = counting.calls.get(call)!;
    expect(calls).toBeGreaterThan(3);
    for (let at = 1; at <= calls; at++) {
      const devices = new LosingDevices(cpu(), (device) => (device === 0 ? { call, at } : undefined));
      const engine = await Engine.load(source, { backend: devices.factory, prefillTokens });
      const all = await Promise.all(batch.map((each) => collect(engine, each)));
      await engine.dispose();
      expect(devices.made).toBe(2);
      all.forEach((events, index) => {
        const steps = events.filter((event) => event.type === "step");
        const done = events.at(-1) as Extract<GenerateEvent, { type: "done" }>;
        const run = { ...expected[index]!, steps, done };
        expect(decisions(run)).toEqual(decisions(expected[index]!));
        expect(encoded(run) + shared(run)).toBe(encoded(expected[index]!) + shared(expected[index]!));
        expect(done.usage.prefills).toBe(steps.filter(({ prefill }) => prefill).length);
        expect(done.usage.forwards).toBe(expected[index]!.done.usage.forwards);
      });
    }
  }
});

test("nothing is shared where the engine was told so", async () => {
  const asked = { tokens: prompt(40), genLength: 4, decoder: { name: "fixed", steps: 2 } };
  const engine = await Engine.load(cpuSurroundings.model("sdar"), { backend: cpu(), sharePrompts: false });
  const runs = await Promise.all([runToEnd(engine, asked), runToEnd(engine, asked)]);
  expect(runs.map((run) => [shared(run), encoded(run)])).toEqual([
    [0, 40],
    [0, 40],
  ]);
  await engine.dispose();
  const wrong = { backend: cpu(), sharePrompts: "no" as unknown as boolean };
  await expect(Engine.load(cpuSurroundings.model("sdar"), wrong)).rejects.toMatchObject({
    code: "invalid-request",
    message: `Cannot load the model as 'sharePrompts' must be true or false: found "no"`,
  });
});
