/** An answer that goes on behind a full canvas: a limit of tokens changes nothing before it. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { comparableEvents } from "../support/comparableEvents.ts";
import { LosingDevices } from "../support/losingDevices.ts";
import { collect, load, recoveries } from "../support/recovering.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { anyCache, blockCausal, requests } from "./arbitraries.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await load(cpu());
});
afterAll(() => engine.dispose());

/** Never stops, so an answer ends at its limit. */
const endless: GenerateRequest = {
  tokens: [5, 17, 42, 8],
  genLength: 12,
  blockLength: 5,
  decoder: { name: "fixed", steps: 2 },
  cache: { name: "dual" },
  overrides: { stopTokens: [] },
};
const extensions = (events: readonly GenerateEvent[]) => events.filter((event) => event.type === "extend");

test("models/tiny answers alike whatever the limit or the canvas", async () => {
  const tiny = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
  const messages = [{ role: "user", content: "sort 42 17 90" }];
  for (const sizes of [
    ...[128, 200, 256, 400, 4096].map((maxTokens) => ({ maxTokens })),
    { genLength: 64 },
    { genLength: 64, maxTokens: 4096 },
  ]) {
    const { done } = await runToEnd(tiny, { messages, ...sizes });
    expect([sizes, done.text, done.reason]).toEqual([sizes, "17 42 90", "stop"]);
  }
  await tiny.dispose();
});

test("a full canvas is followed by another one of its length, up to the limit", async () => {
  const events = await collect(engine, { ...endless, maxTokens: 30 });
  expect(extensions(events)).toEqual([
    { type: "extend", start: 16, end: 28, genLength: 24 },
    { type: "extend", start: 28, end: 40, genLength: 30 },
  ]);
  expect(events.filter(({ type }) => type === "start")).toHaveLength(1);
  const blocks = events.filter((event) => event.type === "block");
  expect(blocks.map(({ start, end }) => [start, end])).toEqual([
    [4, 9],
    [9, 14],
    [14, 16],
    [16, 21],
    [21, 26],
    [26, 28],
    [28, 33],
    [33, 38],
  ]);
  const progress = events.filter((event) => event.type === "progress");
  expect(progress.at(-1)).toMatchObject({ committed: 34, total: 34 });
  expect(events.at(-1)).toMatchObject({ type: "done", reason: "length", usage: { completionTokens: 30 } });
});

test("an answer ends with the context", async () => {
  const small = await Engine.load(cpuSurroundings.model("llada-moe"), { backend: cpu(), context: 40 });
  const { done } = await runToEnd(small, { ...endless, maxTokens: 1_000_000 });
  expect([done.tokens.length, done.reason]).toEqual([36, "length"]);
  await small.dispose();
});

test("a stop behind the first canvas ends the answer there", async () => {
  const { done } = await runToEnd(engine, { ...endless, maxTokens: 36 });
  const at = done.tokens.findIndex(
    (token, index) => index >= 14 && !done.tokens.slice(0, index).includes(token),
  );
  expect(at).toBeGreaterThan(13);
  const stopped = await runToEnd(engine, {
    ...endless,
    maxTokens: 36,
    overrides: { stopTokens: [done.tokens[at]!] },
  });
  expect(stopped.done).toMatchObject({ reason: "stop", tokens: done.tokens.slice(0, at) });
});

test("an answer whose last token is given ends with it", async () => {
  const overrides = { stopTokens: [], padToken: 7 };
  const closed = { ...endless, endToken: "pad" as const, overrides };
  const { done } = await runToEnd(engine, { ...closed, maxTokens: 50 });
  expect(done.canvas).toEqual((await runToEnd(engine, closed)).done.canvas);
});

describe("any request", () => {
  const limits = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 2 });
  const any = fc
    .oneof(requests(anyCache), blockCausal)
    .map((request): GenerateRequest => ({ ...request, overrides: { ...request.overrides, stopTokens: [] } }));

  test("has the same tokens before its limit, whatever that is", async () => {
    let extended = 0;
    await fc.assert(
      fc.asyncProperty(any, limits, async (request, [one, other]) => {
        const [a, b] = await Promise.all([
          collect(engine, { ...request, maxTokens: one! }),
          collect(engine, { ...request, maxTokens: other! }),
        ]);
        const tokens = [a, b].map((events) => {
          const last = events.at(-1)!;
          return last.type === "done" ? last.tokens : [];
        });
        const common = Math.min(one!, other!);
        expect(tokens.map(({ length }) => length)).toEqual([one, other]);
        expect(tokens[0]!.slice(0, common)).toEqual(tokens[1]!.slice(0, common));
        if (extensions(a).length > 0) extended++;
      }),
      { numRuns: 30, seed: 5 },
    );
    expect(extended).toBeGreaterThan(8);
  });

  test("goes on alike after a lost device", async () => {
    let recovered = 0;
    await fc.assert(
      fc.asyncProperty(any, fc.integer({ min: 1, max: 30 }), async (request, at) => {
        const long = { ...request, genLength: Math.min(10, request.genLength!), maxTokens: 25 };
        const devices = new LosingDevices(cpu(), (device) =>
          device === 0 ? { call: at % 2 === 0 ? "submit" : "closeSlot", at: Math.ceil(at / 2) } : undefined,
        );
        const losing = await load(devices.factory);
        const found = await collect(losing, long);
        expect(comparableEvents(found)).toEqual(comparableEvents(await collect(engine, long)));
        recovered += recoveries(found).length;
        await losing.dispose();
      }),
      { numRuns: 12, seed: 6 },
    );
    expect(recovered).toBeGreaterThan(2);
  });
});

test("answers that grow in a pool that cannot hold all of them come to their end", async () => {
  const backend = cpu();
  const small = await Engine.load(cpuSurroundings.model("llada-moe"), {
    backend,
    context: 60,
    cachePositions: 70,
  });
  const alone = await runToEnd(small, { ...endless, maxTokens: 50 });
  const together = await Promise.all(
    Array.from({ length: 4 }, () => runToEnd(small, { ...endless, maxTokens: 50 })),
  );
  for (const { done } of together) expect(done.canvas).toEqual(alone.done.canvas);
  expect(await small.status()).toMatchObject({ waiting: 0, active: 0, usedPositions: 0 });
  await small.dispose();
});
