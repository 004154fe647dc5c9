/** Streams of an engine behind a port: the same events as in process, aborts, and back-pressure. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine, type GenerateEvent, type GenerateRequest } from "../../src/core/index.ts";
import { anyCache, requests } from "../engine/arbitraries.ts";
import { comparableEvents } from "../support/comparableEvents.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { type Connected, collect, connected, progressOf, scriptedEngine, settle } from "./ports.ts";

const { tinyModel, backend } = cpuSurroundings;
const windows = [1, 2, 3, 32];
let own: Engine;
let remotes: Map<number, Connected>;
beforeAll(async () => {
  own = await Engine.load(tinyModel, { backend });
  remotes = new Map();
  for (const window of windows) remotes.set(window, await connected(own, { window }));
});
afterAll(async () => {
  for (const { engine } of remotes.values()) engine.disconnect();
  await own.dispose();
});

const anyWindow = fc.constantFrom(...windows).map((window) => remotes.get(window)!.engine);
const anyRequest = requests(anyCache).map((request) => ({
  ...request,
  genLength: Math.min(request.genLength!, 8),
}));

test("single and concurrent generations have the same events as in process", async () => {
  const some = fc.array(fc.tuple(anyWindow, anyRequest), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(some, async (each) => {
      const found = await Promise.all(each.map(([engine, request]) => collect(engine.generate(request))));
      for (const [index, [, request]] of each.entries()) {
        expect(comparableEvents(found[index]!)).toEqual(
          comparableEvents(await collect(own.generate(request))),
        );
      }
    }),
    { numRuns: 8 },
  );
});

test("a signal ends a stream at any point, and the events before are a prefix of the complete stream", async () => {
  let aborted = 0;
  await fc.assert(
    fc.asyncProperty(anyWindow, anyRequest, fc.nat({ max: 15 }), async (engine, request, after) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const events: GenerateEvent[] = [];
      let error: unknown;
      try {
        for await (const event of engine.generate(request, { signal: controller.signal })) {
          events.push(event);
          if (events.length === after + 1) controller.abort(reason);
        }
      } catch (thrown) {
        error = thrown;
      }
      const whole = comparableEvents(await collect(own.generate(request)));
      // The generation may have ended before the signal arrived.
      expect(comparableEvents(events)).toEqual(error ? whole.slice(0, events.length) : whole);
      if (!error) return;
      aborted++;
      expect(error).toMatchObject({
        code: "aborted",
        message: "Cannot finish the generation as the caller aborted it",
      });
      expect((error as Error).cause).toBe(reason);
    }),
    { numRuns: 20 },
  );
  expect(aborted).toBeGreaterThan(2);
});

test("leaving the loop at any point ends the generation on the other side", async () => {
  await fc.assert(
    fc.asyncProperty(anyWindow, anyRequest, fc.nat({ max: 15 }), async (engine, request, after) => {
      let count = 0;
      for await (const _ of engine.generate(request)) if (count++ === after) break;
      while ((await engine.status()).active > 0) await settle();
      expect((await engine.status()).usedPositions).toBe(0);
    }),
    { numRuns: 10 },
  );
});

test("an aborted signal starts no generation", async () => {
  const { engine, sent } = remotes.get(1)!;
  const before = sent.length;
  const stream = engine.generate({ prompt: "x" }, { signal: AbortSignal.abort("early") });
  await expect(stream.next()).rejects.toMatchObject({ code: "aborted", cause: "early" });
  await settle();
  expect(sent.length).toBe(before);
});

describe("back-pressure", () => {
  test("limits the events taken from an endless generation to those read, and one window", async () => {
    const step = fc.record({
      window: fc.integer({ min: 1, max: 9 }),
      reads: fc.array(fc.nat({ max: 12 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(step, async ({ window, reads }) => {
        let taken = 0;
        let left = false;
        const producer = scriptedEngine({
          async *generate() {
            try {
              for (;;) yield progressOf(taken++);
            } finally {
              left = true;
            }
          },
        });
        const { engine, sent } = await connected(producer, { window });
        const events = engine.generate({});
        await settle();
        expect(taken).toBe(0);
        let read = 0;
        for (const count of reads) {
          for (let i = 0; i < count; i++) expect((await events.next()).value).toEqual(progressOf(read++));
          await settle();
          const inFlight = sent.filter((type) => type === "event").length - read;
          expect(inFlight).toBeLessThanOrEqual(window);
          // One more event waits for a credit.
          expect(taken - read).toBeLessThanOrEqual(window + 1);
          if (read > 0) expect(inFlight).toBeGreaterThanOrEqual(Math.floor(window / 2));
        }
        await events.return();
        await settle();
        expect(left).toBe(read > 0);
        await engine.dispose();
      }),
      { numRuns: 25 },
    );
  });

  test("an unread stream delays no other, and is complete when it is read later", async () => {
    const { engine, sent } = await connected(own, { window: 4 });
    const request: GenerateRequest = {
      prompt: "sort 3 1 2",
      genLength: 16,
      decoder: { name: "fixed", steps: 16 },
    };
    const unread = engine.generate(request);
    const first = (await unread.next()).value as GenerateEvent;
    await collect(engine.generate({ ...request, genLength: 24, decoder: { name: "fixed", steps: 24 } }));
    while ((await engine.status()).active > 0) await settle();
    const events = sent.filter((type) => type === "event").length;
    const rest = await collect(unread);
    const whole = comparableEvents(await collect(own.generate(request)));
    expect(comparableEvents([first, ...rest])).toEqual(whole);
    // Four events were sent before the rest was read.
    expect(sent.filter((type) => type === "event").length - events).toBe(whole.length - 4);
    engine.disconnect();
  });
});
