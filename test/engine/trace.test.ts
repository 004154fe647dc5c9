import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  compareTraces,
  Engine,
  type GenerateEvent,
  type GenerateRequest,
  type NameTokens,
  readTrace,
  stopTokensOf,
  type Trace,
  TraceWriter,
  traceHeader,
  traceLine,
} from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
});
afterAll(() => engine.dispose());

const messages = [{ role: "user", content: "story: leo, blue bird, lake" }];

async function record(request: GenerateRequest): Promise<Trace> {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request)) events.push(event);
  return { header: traceHeader(engine, request), events, texts: new Map() };
}
/** As earlier versions wrote it. */
const save = ({ header, events }: Trace) => [header, ...events].map(traceLine).join("");

/** @returns the text of a trace file */
async function write({ header, events }: Trace, nameTokens?: NameTokens): Promise<string> {
  const writer = new TraceWriter(header, nameTokens);
  let text = "";
  for (const event of events) text += await writer.lines(event);
  return text;
}

test("a trace survives being saved, with the texts of all tokens that it shows", async () => {
  const trace = await record({ messages, genLength: 32, guesses: true, topLogprobs: 2 });
  const asked: number[] = [];
  const text = await write(trace, (tokens) => {
    asked.push(...tokens);
    return engine.tokenTexts(tokens);
  });
  const { header, events, texts } = readTrace(text, "t");
  expect({ header, events }).toEqual({ header: trace.header, events: trace.events });
  // Each token is named once.
  expect(new Set(asked).size).toBe(asked.length);
  const start = events.find((event) => event.type === "start")!;
  const prompt = start.canvas.slice(0, start.promptTokens);
  expect(prompt.map((token) => texts.get(token))).toEqual(await engine.tokenTexts(prompt));
  const guessed = events.flatMap((event) => (event.type === "step" ? (event.guesses?.tokens ?? []) : []));
  expect(guessed.length).toBeGreaterThan(0);
  expect(guessed.map((token) => texts.get(token))).toEqual(await engine.tokenTexts(guessed));
});

test("a trace of an earlier version has the texts of its commits, and ends by a token that its end tells", async () => {
  const trace = await record({ messages, genLength: 32 });
  const old = save(trace).replace(/,"stopTokens":\[[\d,]*\]/, "");
  const { header, events, texts } = readTrace(old, "t");
  expect(header.stopTokens).toBeUndefined();
  expect(stopTokensOf({ header, events })).toEqual(engine.info.stopTokens.slice(0, 1));
  const committed = events.flatMap((event) => (event.type === "step" ? event.tokens : []));
  expect([...texts.keys()].sort()).toEqual([...new Set(committed)].sort());
  expect(readTrace(await write(trace), "t").texts).toEqual(texts);
});

test("the header says what was decoded with, whoever chose it", async () => {
  const { presets, defaults } = engine.model;
  const choices = (request: GenerateRequest) => traceHeader(engine, request).choices;
  const written = { cache: { name: "none" }, smoothing: null };
  expect(choices({ messages })).toEqual({ ...written, ...presets.settings.balanced });
  expect(choices({ messages, preset: "speed" })).toEqual({ ...written, ...presets.settings.speed });
  const smoothing = { weight: 0.2 };
  expect(choices({ messages, smoothing, cache: { name: "dual" } })).toEqual({
    decoder: { name: "threshold", threshold: defaults.threshold },
    cache: { name: "dual" },
    smoothing,
  });
  expect(choices({ messages, overrides: { maskBlock: 8 } }).cache).toEqual({ name: "block" });
  expect(() => choices({ messages, preset: "fast" as "speed" })).toThrow('found "fast"');
});

test("two strategies are compared step by step and position by position", async () => {
  const careful = await record({
    messages,
    decoder: { name: "threshold", threshold: 2 },
    cache: { name: "dual" },
  });
  const fast = await record({ messages, decoder: { name: "threshold", threshold: 0 }, temperature: 2 });
  expect(compareTraces(careful, careful)).toMatchObject({
    sameStart: true,
    firstStep: undefined,
    differences: [],
  });
  const comparison = compareTraces(careful, fast);
  expect(comparison.firstStep).toBe(0);
  expect(comparison.left.usage!.tokensPerForward).toBeLessThan(comparison.right.usage!.tokensPerForward);
  const ends = [careful, fast].map(({ events }) => events.at(-1) as Extract<GenerateEvent, { type: "done" }>);
  const different = ends[0]!.canvas.flatMap((token, position) =>
    token === ends[1]!.canvas[position] ? [] : [position],
  );
  expect(different.length).toBeGreaterThan(0);
  expect(comparison.differences.map(({ position }) => position)).toEqual(different);
  for (const { position, left } of comparison.differences) {
    expect(left.token).toBe(ends[0]!.canvas[position]);
    if (left.step !== undefined) expect(left.confidence).toBeGreaterThan(0);
  }
  const written = await record({ messages, overrides: { maskToken: 103, maskBlock: 48 }, blockLength: 48 });
  expect(compareTraces(careful, written).sameStart).toBe(true);
  const other = await record({ prompt: "x", genLength: 8 });
  expect(compareTraces(careful, other).sameStart).toBe(false);
});

test("damaged files are refused with the line", async () => {
  const text = save(await record({ prompt: "x", genLength: 4 }));
  expect(() => readTrace("", "t")).toThrow("not the header of a trace");
  expect(() => readTrace("{}\n", "t")).toThrow("not the header of a trace");
  expect(() => readTrace(text.replace('"choices"', '"chosen"'), "t")).toThrow("not the header of a trace");
  expect(() => readTrace(text.replace('"version":1', '"version":2'), "t")).toThrow(
    "version must be 1: found 2",
  );
  expect(() => readTrace(`${text}{"type":"end"}\n`, "t")).toThrow(/line \d+ is not an event: found "end"/);
  expect(() => readTrace(text.replace('"openCount"', '"open"'), "t")).toThrow(
    "has no valid 'openCount': found undefined",
  );
  const start = text.replace('"type":"start"', '"type":"start","tokenTexts":{"a":"b"}');
  expect(() => readTrace(start, "t")).toThrow("line 2 has no valid 'tokenTexts'");
  expect(() => readTrace(text.replace('"confidences":[', '"confidences":[1,'), "t")).toThrow(
    "has no valid 'confidences'",
  );
  expect(() => readTrace(text.slice(0, text.length - 5), "t")).toThrow(/line \d+ is not JSON/);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 4 }), (at, insert) => {
      try {
        compareTraces(readTrace(text.slice(0, at) + insert, "t"), readTrace(text, "t"));
      } catch (error) {
        expect(error).toMatchObject({ name: "DiffusionError" });
      }
    }),
    { numRuns: 500 },
  );
});

test("tokens that are written over count as much as those that are committed", async () => {
  const trace = await record({ messages, genLength: 32 });
  const at = trace.events.findIndex(({ type }) => type === "done");
  const position = trace.events.find((event) => event.type === "step")!.positions[0]!;
  const range = { start: position, end: position + 1 };
  const step = { type: "step", step: 99, window: range, block: range, openCount: 0, ms: 1 } as const;
  const rest = { refresh: false, prefill: false, positions: [], tokens: [], confidences: [] };
  const edits = { positions: [position], tokens: [7], confidences: [0.5] };
  const done = trace.events[at] as Extract<GenerateEvent, { type: "done" }>;
  const canvas = done.canvas.map((token, index) => (index === position ? 7 : token));
  const edit: GenerateEvent = { ...step, ...rest, edits };
  const edited: Trace = { ...trace, events: [...trace.events.slice(0, at), edit, { ...done, canvas }] };
  const { firstStep, differences } = compareTraces(trace, edited);
  const stepCount = trace.events.filter((event) => event.type === "step" && event.openCount > 0).length;
  expect(firstStep).toBe(stepCount);
  expect(differences).toMatchObject([{ position, right: { token: 7, step: stepCount, confidence: 0.5 } }]);
});
