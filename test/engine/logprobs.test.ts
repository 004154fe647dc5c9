/** Log-probabilities are those of the model's own logits over the canvas as it was before each step. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BlockView,
  type Commits,
  decoder,
  Engine,
  type GenerateRequest,
  readTrace,
  type StartEvent,
  type StepEvent,
  traceHeader,
  traceLine,
} from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

/** A decoder that writes a token of its own; one of those that it asked for, if it asked. */
const stubborn = (name: string, asks: boolean) =>
  decoder({
    name,
    help: "",
    source: "",
    parameters: {},
    ...(asks && { gather: () => [9] }),
    commit: (view: BlockView, _: object, out: Commits) => out.commit(view.open[0]!, 9, 1),
  });

let engine: Engine;
beforeAll(async () => {
  const decoders = [stubborn("stubborn", false), stubborn("asking", true)];
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend, decoders });
});
afterAll(() => engine.dispose());

interface Told {
  readonly start: StartEvent;
  readonly steps: readonly StepEvent[];
}
async function tell(request: GenerateRequest): Promise<Told> {
  let start: StartEvent | undefined;
  const steps: StepEvent[] = [];
  for await (const event of engine.generate(request)) {
    if (event.type === "start") start = event;
    if (event.type === "step") steps.push(event);
  }
  return { start: start!, steps };
}

/** Logits of every position of a canvas, guided by those without the prompt. */
async function guidedLogits(canvas: readonly number[], start: StartEvent, scale: number) {
  const own = await engine.logits(canvas);
  if (scale === 0) return own;
  const without = canvas.map((token, at) => (at < start.promptTokens ? start.maskToken : token));
  const other = await engine.logits(without);
  return own.map((row, at) =>
    row.map((c, token) => other[at]![token]! + (scale + 1) * (c - other[at]![token]!)),
  );
}

/** Tokens with their log-probabilities, the best first. */
function ranked(logits: Float32Array, maskToken: number) {
  const entries = [...logits].map((logit, token) => ({
    token,
    logit: token === maskToken ? -Infinity : logit,
  }));
  const highest = Math.max(...entries.map(({ logit }) => logit));
  const mass = entries.reduce((sum, { logit }) => sum + Math.exp(logit - highest), 0);
  return entries
    .map(({ token, logit }) => ({ token, logprob: logit - highest - Math.log(mass) }))
    .sort((a, b) => b.logprob - a.logprob || a.token - b.token);
}

const base = { prompt: "sort 3 1 2", genLength: 16, blockLength: 16, cache: { name: "none" } } as const;
const requests: Readonly<Record<string, GenerateRequest>> = {
  threshold: { ...base, decoder: { name: "threshold", threshold: 0.97 }, topLogprobs: 4 },
  "the committed token alone": { ...base, decoder: { name: "fixed", steps: 4 }, topLogprobs: 0 },
  "tokens that are drawn, scores of what is drawn": {
    ...base,
    temperature: 0.9,
    topK: 12,
    topP: 0.95,
    seed: 3,
    confidenceFrom: "sampling",
    topLogprobs: 3,
    decoder: { name: "fixed", steps: 6 },
  },
  "a decoder that raises logits": {
    ...base,
    decoder: { name: "credit", threshold: 0.97 },
    temperature: 1.5,
    seed: 4,
    topLogprobs: 1,
  },
  "a decoder that edits": {
    ...base,
    decoder: { name: "edit", threshold: 0.5, edit: 0.2 },
    temperature: 1,
    seed: 11,
    topLogprobs: 2,
  },
  guidance: { ...base, cfgScale: 1.5, decoder: { name: "fixed", steps: 4 }, topLogprobs: 20 },
  "a token that was asked for": { ...base, decoder: { name: "asking" }, genLength: 4, topLogprobs: 1 },
};

describe("each is of the model's logits in its step", () => {
  test.each(Object.entries(requests))("%s", async (name, request) => {
    const { start, steps } = await tell(request);
    const canvas = [...start.canvas];
    let edits = 0;
    for (const step of steps) {
      const logits = await guidedLogits(canvas, start, request.cfgScale ?? 0);
      for (const { positions, tokens, logprobs } of [step, step.edits]) {
        expect(logprobs).toHaveLength(positions.length);
        for (const [index, position] of positions.entries()) {
          const order = ranked(logits[position]!, start.maskToken);
          const { logprob, top } = logprobs![index]!;
          expect(logprob).toBeCloseTo(order.find(({ token }) => token === tokens[index])!.logprob, 3);
          const best = order.slice(0, request.topLogprobs!);
          expect(top.map(({ token }) => token)).toEqual(best.map(({ token }) => token));
          for (const [rank, each] of top.entries()) expect(each.logprob).toBeCloseTo(best[rank]!.logprob, 3);
          canvas[position] = tokens[index]!;
        }
      }
      edits += step.edits.positions.length;
    }
    expect(steps.length).toBeGreaterThan(1);
    expect(edits > 0).toBe(name === "a decoder that edits");
  });
});

test("a forbidden token has no share, and is not among the best", async () => {
  const infill = ["cba", { minimum: 5, maximum: 8 }] as const;
  const { steps } = await tell({ prompt: "reverse: abc", infill, topLogprobs: 20 });
  const { stopTokens } = engine.model;
  const committed = steps.flatMap(({ positions, logprobs }) =>
    positions.map((position, index) => [position, logprobs![index]!] as const),
  );
  const first = Math.min(...committed.map(([position]) => position));
  for (const [position, { top }] of committed) {
    const listed = top.some(({ token }) => stopTokens.includes(token));
    if (position < first + 5) expect(listed).toBe(false);
  }
  expect(committed).toHaveLength(8);
});

test("they are told only where they are wanted, and change nothing else", async () => {
  const request = { ...base, decoder: { name: "threshold", threshold: 0.97 } };
  const without = await tell(request);
  const told = await tell({ ...request, topLogprobs: 3 });
  for (const { logprobs, edits } of without.steps)
    expect([logprobs, edits.logprobs]).toEqual([undefined, undefined]);
  const rest = ({ steps }: Told) =>
    steps.map(({ logprobs: _, edits: { logprobs: __, ...edits }, ms: ___, ...step }) => ({ ...step, edits }));
  expect(rest(told)).toEqual(rest(without));
});

test("a token of which nobody asked the logit is refused", async () => {
  await expect(tell({ ...base, decoder: { name: "stubborn" }, topLogprobs: 1 })).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringMatching(
      /^Cannot report the log-probability at position \d+ as the decoder must write .*: found 9$/,
    ),
  });
});

test.each([21, -1, 1.5, "3"])("%j is refused", async (topLogprobs) => {
  await expect(tell({ ...base, topLogprobs } as GenerateRequest)).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringMatching(
      /'topLogprobs' must be an integer at least 0 and at most 20, or null: found/,
    ),
  });
});

test("a trace carries them", async () => {
  const request = { ...base, decoder: { name: "threshold", threshold: 0.97 }, topLogprobs: 2 };
  const { start, steps } = await tell(request);
  const text = [traceHeader(engine, request), start, ...steps].map(traceLine).join("");
  expect(readTrace(text, "trace").events).toEqual([start, ...steps]);
});
