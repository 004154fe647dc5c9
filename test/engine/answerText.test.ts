/** An answer's text as it is told while it grows, and its most tokens. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DoneEvent, Engine, type GenerateRequest, type ProgressEvent } from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { anyCache, requests } from "./arbitraries.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
});
afterAll(() => engine.dispose());

async function run(request: GenerateRequest): Promise<{ progress: ProgressEvent[]; done: DoneEvent }> {
  const progress: ProgressEvent[] = [];
  for await (const event of engine.generate(request)) {
    if (event.type === "progress") progress.push(event);
    if (event.type === "done") return { progress, done: event };
  }
  throw new Error("The generation ended without 'done'");
}

const leftToRight = { name: "quota", steps: 32, order: "position" };
const editing = { decoder: { name: "edit", threshold: 0.1, edit: 0.2 } };
const any = fc
  .record({
    request: requests(anyCache),
    stop: fc.array(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 4 }),
    editing: fc.boolean(),
  })
  .map(({ request, stop, editing: edits }): GenerateRequest => {
    const { smoothing: _, cache: __, ...plain } = request;
    return edits ? { ...plain, ...editing, topK: 0, topP: 1, stop } : { ...request, stop };
  });

test("texts of progress, joined, are the answer's; settled tokens are its first ones, and only grow", async () => {
  await fc.assert(
    fc.asyncProperty(any, async (request) => {
      const { progress, done } = await run(request);
      expect(progress.map(({ text }) => text).join("")).toBe(done.text);
      const settled = progress.map((event) => event.finalizedTokens!);
      expect(settled).toEqual([...settled].sort((a, b) => a - b));
      expect(settled.at(-1)).toBe(done.tokens.length);
    }),
    { numRuns: 20 },
  );
});

test("a reader that comes late is told the same as one that reads at once", async () => {
  const request = { prompt: "sort 3 1 2", genLength: 16, stop: ["2 3"], decoder: leftToRight, seed: 4 };
  const read = async (comesLate: boolean) => {
    const events = engine.generate(request);
    const told: unknown[] = [];
    for (let next = await events.next(); !next.done; next = await events.next()) {
      const event = next.value;
      while (comesLate && (await engine.status()).active > 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      if (event.type === "progress" || event.type === "block") told.push(event);
    }
    return told;
  };
  expect(await read(true)).toEqual(await read(false));
});

test("tokens that a stop string may take back are not settled", async () => {
  const request = { messages: [{ role: "user", content: "sort 3 1 2" }], genLength: 16 };
  const { progress, done } = await run({ ...request, stop: ["2 3"], decoder: leftToRight });
  expect(done).toMatchObject({ text: "1 ", reason: "stop" });
  expect(done.tokens).toHaveLength(2);
  expect(Math.max(...progress.map(({ finalizedTokens }) => finalizedTokens!))).toBe(2);
});

test("text is told before its block is complete", async () => {
  const { progress, done } = await run({
    prompt: "sort 3 1 2",
    decoder: leftToRight,
  });
  expect(done.text!.length).toBeGreaterThan(3);
  expect(progress.filter(({ text }) => text !== "").length).toBeGreaterThan(3);
});

test("at most so many tokens, which are the first ones of the whole answer", async () => {
  await fc.assert(
    fc.asyncProperty(any, fc.integer({ min: 1, max: 20 }), async (request, limit) => {
      const maxTokens = Math.min(limit, request.genLength!);
      const whole = (await run(request)).done;
      const { done } = await run({ ...request, maxTokens });
      expect(done.tokens).toEqual(whole.tokens.slice(0, maxTokens));
      expect(whole.text!.startsWith(done.text!)).toBe(true);
      expect(done.usage.forwards).toBeLessThanOrEqual(whole.usage.forwards);
      if (whole.tokens.length > maxTokens) expect(done.reason).toBe("length");
    }),
    { numRuns: 20 },
  );
});

test("blocks behind the last token are not decoded", async () => {
  const request = { prompt: "story: leo, blue bird, lake", genLength: 48, blockLength: 8 };
  const whole = (await run(request)).done;
  const { done } = await run({ ...request, maxTokens: 9 });
  expect(done.text).toHaveLength(9);
  expect(done.usage.forwards).toBeLessThan(whole.usage.forwards);
});

test("holes have their own lengths", async () => {
  await expect(run({ infill: ["a", { length: 2 }], maxTokens: 3 })).rejects.toThrow(
    "Cannot infill as 'maxTokens' does not apply to holes",
  );
});
