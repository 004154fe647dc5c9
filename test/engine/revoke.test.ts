/** A decoder that takes tokens back: canvas, events, text, traces, and the keys that later passes see. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compareTraces,
  decoder,
  Engine,
  type GenerateEvent,
  type GenerateRequest,
  readTrace,
  traceHeader,
  traceLine,
} from "../../src/core/index.ts";
import { forgetful, presumptuous, sisyphus, undecidedOfAll } from "../support/revoking.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

/** Commits the last open offset and then the first; with `revokes`, revokes the first one that it committed and decides it again. */
const detour = (name: string, revokes: boolean) =>
  decoder({
    name,
    help: "",
    parameters: {},
    needs: ["known"],
    commit: ({ open, known, token, step }, _, out) => {
      if (revokes && step === 0) return out.commit(open[0]!, token[open[0]!]!);
      out.commit(open.at(-1)!, token[open.at(-1)!]!);
      if (revokes && step === 1) out.revoke(known[0]!);
    },
  });

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, {
    backend: cpuSurroundings.backend,
    decoders: [
      forgetful,
      sisyphus,
      undecidedOfAll,
      presumptuous,
      detour("direct", false),
      detour("detour", true),
    ],
  });
});
afterAll(() => engine.dispose());

async function eventsOf(request: GenerateRequest): Promise<readonly GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request)) events.push(event);
  return events;
}
const stepsOf = (events: readonly GenerateEvent[]) => events.filter((event) => event.type === "step");

const request: GenerateRequest = {
  messages: [{ role: "user", content: "reverse river stone cloud" }],
  genLength: 32,
  blockLength: 8,
  decoder: { name: "forgetful" },
};

test("events tell the canvas at any time, and no text that was sent is taken back", async () => {
  const events = await eventsOf(request);
  const [start] = events;
  if (start?.type !== "start") throw new Error("The first event is not 'start'");
  const canvas = [...start.canvas];
  const open = new Set(start.undecided);
  let revokedCount = 0;
  let settled = start.promptTokens;
  let text = "";
  for (const event of events) {
    if (event.type === "step") {
      event.positions.forEach((position, index) => {
        expect(open.delete(position)).toBe(true);
        canvas[position] = event.tokens[index]!;
      });
      for (const position of event.revoked ?? []) {
        expect(position).toBeGreaterThanOrEqual(settled);
        expect(open.has(position)).toBe(false);
        open.add(position);
        canvas[position] = start.maskToken;
        revokedCount++;
      }
    } else if (event.type === "progress") {
      if (event.committed < event.total) expect(event.committed).toBe(event.total - open.size);
      settled = start.promptTokens + event.finalizedTokens!;
      text += event.text!;
    } else if (event.type === "done") {
      for (const position of open) canvas[position] = event.canvas[position]!;
      expect(event.canvas).toEqual(canvas);
      expect(text).toBe(event.text);
    }
  }
  expect(revokedCount).toBeGreaterThan(2);
});

test("a position that was revoked counts as never decided in the passes behind it", async () => {
  const run = async (name: string) =>
    stepsOf(await eventsOf({ ...request, genLength: 8, decoder: { name } }));
  const [direct, detour] = [await run("direct"), await run("detour")];
  const decisions = (steps: typeof direct) =>
    steps.map(({ positions, tokens, confidences }) => [positions, tokens, confidences]);
  expect(detour[1]!.revoked).toEqual(detour[0]!.positions);
  expect(decisions(detour.slice(2))).toEqual(decisions(direct.slice(1)));
});

test("alone and in a batch, with the same numbers", async () => {
  const others = [3, 4].map((seed) => ({ ...request, prompt: "sort 3 1 2", messages: undefined, seed }));
  const plain = others.map(({ messages: _, ...other }) => other as GenerateRequest);
  const [alone] = [await eventsOf(request)];
  const [together] = await Promise.all([request, ...plain].map(eventsOf));
  const decided = (events: readonly GenerateEvent[]) => stepsOf(events).map(({ ms: _, ...step }) => step);
  expect(decided(together!)).toEqual(decided(alone));
});

test("guesses and log-probabilities are of what stands after the step", async () => {
  const steps = stepsOf(await eventsOf({ ...request, guesses: true, topLogprobs: 2 }));
  for (const { revoked = [], guesses, positions, logprobs } of steps) {
    for (const position of revoked) expect(guesses!.positions).not.toContain(position);
    expect(logprobs).toHaveLength(positions.length);
  }
});

test("a trace keeps what was revoked, and a comparison sees it", async () => {
  const events = await eventsOf(request);
  const header = traceHeader(engine, request);
  const read = (all: readonly GenerateEvent[]) =>
    readTrace([header, ...all].map((entry) => traceLine(entry)).join(""), "run.jsonl");
  expect(stepsOf(read(events).events).map(({ revoked }) => revoked)).toEqual(
    stepsOf(events).map(({ revoked }) => revoked),
  );
  const at = events.findIndex((event) => event.type === "step" && event.revoked);
  const changed = events.map((event, index) =>
    index === at && event.type === "step" ? { ...event, revoked: [] } : event,
  );
  expect(compareTraces(read(events), read(events)).firstStep).toBeUndefined();
  expect(compareTraces(read(events), read(changed)).firstStep).toBe(
    stepsOf(events).indexOf(events[at] as never),
  );
});

describe("a decoder is refused that", () => {
  const refused = (name: string, message: RegExp) =>
    expect(eventsOf({ ...request, decoder: { name } })).rejects.toThrow(message);

  test("revokes without an end", () =>
    refused("sisyphus", /'sisyphus' must fill a block of 8 positions within 32 steps/));
  test("edits and revokes an offset", () =>
    refused("undecidedOfAll", /revoked offset \d, which is not known or was edited in the same step/));
  test("revokes without the need 'known'", () =>
    refused("presumptuous", /revoked offset \d, which is not known/));
  test("revokes while a cache goes stale", async () => {
    await expect(eventsOf({ ...request, cache: { name: "dual" } })).rejects.toThrow(
      /Cannot use decoder 'forgetful' as cache 'dual' goes stale/,
    );
  });
});
