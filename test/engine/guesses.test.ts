/** Guesses are the model's own best tokens over the canvas as it was before each step, at the positions that stay undecided. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  Engine,
  type GenerateEvent,
  type GenerateRequest,
  readTrace,
  traceHeader,
  traceLine,
} from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
});
afterAll(() => engine.dispose());

const base: GenerateRequest = {
  messages: [{ role: "user", content: "sort 3 1 2" }],
  genLength: 16,
  blockLength: 8,
  decoder: { name: "fixed", steps: 4 },
  cache: { name: "none" },
};

async function eventsOf(request: GenerateRequest): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request)) events.push(event);
  return events;
}

function stepsOf(events: readonly GenerateEvent[]) {
  return events.filter((event) => event.type === "step");
}

/** The most probable token but the mask, with its probability. */
function best(logits: Float32Array, maskToken: number): { token: number; probability: number } {
  const allowed = logits.map((logit, token) => (token === maskToken ? -Infinity : logit));
  const highest = Math.max(...allowed);
  const mass = allowed.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
  return { token: allowed.indexOf(highest), probability: 1 / mass };
}

test("a guess is the model's best token at a position that stays undecided", async () => {
  const events = await eventsOf({ ...base, guesses: true });
  const [start] = events;
  if (start?.type !== "start") throw new Error("no start");
  const canvas = [...start.canvas];
  const open = new Set(start.undecided);
  let guessCount = 0;
  for (const { block, positions, tokens, guesses } of stepsOf(events)) {
    const logits = await engine.logits(canvas);
    positions.forEach((position, index) => {
      canvas[position] = tokens[index]!;
      open.delete(position);
    });
    const left = [...open].filter((position) => position >= block.start && position < block.end);
    expect(guesses!.positions).toEqual(left);
    for (const [index, position] of left.entries()) {
      const { token, probability } = best(logits[position]!, start.maskToken);
      expect(guesses!.tokens[index]).toBe(token);
      expect(guesses!.confidences[index]).toBeCloseTo(probability, 4);
    }
    guessCount += left.length;
  }
  expect(guessCount).toBeGreaterThan(10);
});

test("guesses change no token, and are absent unless asked for", async () => {
  const told = await eventsOf({ ...base, guesses: true });
  const silent = await eventsOf(base);
  const withoutGuesses = stepsOf(told).map(({ guesses: _, ms: __, ...step }) => step);
  expect(withoutGuesses).toEqual(stepsOf(silent).map(({ ms: _, ...step }) => step));
  expect(stepsOf(silent).some((step) => "guesses" in step)).toBe(false);
});

test("a trace carries guesses, and one that lacks a part of them is refused", async () => {
  const request = { ...base, guesses: true };
  const events = await eventsOf(request);
  const lines = (changed: readonly GenerateEvent[]) =>
    [traceHeader(engine, request), ...changed].map(traceLine).join("");
  expect(stepsOf(readTrace(lines(events), "t").events as GenerateEvent[])).toEqual(stepsOf(events));
  const broken = events.map((event) =>
    event.type === "step"
      ? { ...event, guesses: { positions: [1] } as unknown as typeof event.edits }
      : event,
  );
  expect(() => readTrace(lines(broken), "t")).toThrow("line 3 has no valid 'guesses'");
});
