/** Streams: their events and order, slow and disconnecting clients, and failures. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DiffusionError, type GenerateEvent } from "../../src/core/index.ts";
import type { RequestOutcome } from "../../src/server/index.ts";
import { scripted, spelled, stepEvent, untilAborted } from "./support/scripted.ts";
import { chunksOf, eventsOf, parseEvents, textOf } from "./support/sse.ts";
import {
  answerOf,
  appOf,
  chat,
  completions,
  eventually,
  infill,
  type Json,
  messagesOf,
  openTiny,
  post,
  sort,
} from "./support/tiny.ts";

const { engine, app } = await openTiny();

const decoders = [
  { name: "threshold", threshold: 0.5 },
  { name: "quota", steps: 16, order: "position" },
  { name: "random", steps: 8 },
  { name: "edit", threshold: 0.3, edit: 0.5 },
];

test("the text of a stream equals the response without a stream", async () => {
  const any = fc.record({
    messages: fc.constantFrom("sort 3 1 2", "py: add 3 to each", "reverse a b").map(messagesOf),
    temperature: fc.constantFrom(0, 1),
    seed: fc.nat(1000),
    max_tokens: fc.integer({ min: 1, max: 10 }),
    stop: fc.constantFrom(undefined, "2 3", ["a", " "]),
    n: fc.constantFrom(1, 2),
    decoder: fc.constantFrom(...decoders),
  });
  await fc.assert(
    fc.asyncProperty(any, async ({ decoder, ...fields }) => {
      const request = { ...fields, diffusion: { decoder, canvas: 8, block_length: 4 } };
      const { body } = await answerOf(app, chat, request);
      const events = await eventsOf(await post(app, chat, { ...request, stream: true }));
      const chunks = chunksOf(events);
      expect(events.at(-1)!.data).toBe("[DONE]");
      for (const { index, message, finish_reason } of body.choices) {
        expect(textOf(chunks, index)).toBe(message.content);
        const own = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index);
        expect(own[0].delta).toEqual({ role: "assistant", content: "" });
        expect(own.map((choice) => choice.finish_reason).filter(Boolean)).toEqual([finish_reason]);
        expect(own.at(-1)).toMatchObject({ delta: {}, finish_reason });
      }
    }),
    { numRuns: 12 },
  );
}, 600_000);

test("text is sent as soon as it is final, before its block is complete", async () => {
  const diffusion = { canvas: 8, decoder: { name: "quota", steps: 32, order: "position" } };
  const events = await eventsOf(await post(app, chat, { messages: sort, stream: true, diffusion }));
  const texts = chunksOf(events).map(({ choices }) => choices[0].delta.content);
  expect(texts.filter((text) => typeof text === "string" && text !== "")).toEqual([..."17 42 90"]);
});

test("with include_usage the last chunk has the usage, and the others have null", async () => {
  const request = { messages: sort, stream: true, diffusion: { canvas: 16 } };
  const chunks = chunksOf(
    await eventsOf(await post(app, chat, { ...request, stream_options: { include_usage: true } })),
  );
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 8, total_tokens: 23 } });
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  const silent = chunksOf(await eventsOf(await post(app, chat, request)));
  expect(silent.every((chunk) => !("usage" in chunk))).toBe(true);
});

test("steps report their commits, and the step map has the step of each token", async () => {
  const decoder = { name: "random", steps: 4 };
  const request = { messages: sort, stream: true, stream_options: { include_steps: true } };
  const events = await eventsOf(
    await post(app, chat, { ...request, n: 2, diffusion: { canvas: 8, decoder, early_stop: false } }),
  );
  const steps = events.filter(({ event }) => event === "diffusion.step").map(({ data }) => data);
  const maps = events.filter(({ event }) => event === "diffusion.step_map").map(({ data }) => data);
  expect(maps.map(({ index }) => index).sort()).toEqual([0, 1]);
  for (const { index, steps: map } of maps) {
    const own = steps.filter((step) => step.index === index);
    const text: string[] = [];
    for (const [at, step] of own.entries()) {
      expect(step).toMatchObject({ object: "diffusion.step", step: at, choices: [] });
      expect(step.confidences).toHaveLength(step.positions.length);
      for (const [i, position] of step.positions.entries()) {
        text[position] = step.texts[i];
        if (position < map.length) expect(map[position]).toBe(at);
      }
    }
    expect(own.flatMap(({ positions }) => positions).sort((a: number, b: number) => a - b)).toEqual([
      ...Array(8).keys(),
    ]);
    expect(text.slice(0, map.length).join("")).toBe(textOf(chunksOf(events), index));
  }
});

test("a revoked position is reported, and counts as not committed until it is decided again", async () => {
  const events = (request: object): readonly GenerateEvent[] => {
    const [start, , , ...rest] = spelled(request, "b");
    const revoking = { ...stepEvent(1, 98, 1), revoked: [0] };
    const progress = { type: "progress", committed: 2, total: 2, finalizedTokens: 1, text: "b" } as const;
    return [start!, stepEvent(0, 97, 0), revoking as GenerateEvent, progress, rest.at(-1)!];
  };
  const script = scripted({ events: ({ tokens: _, ...request }) => events(request) });
  const request = { messages: sort, stream: true, stream_options: { include_steps: true } };
  const sent = await eventsOf(await post(appOf(script.handle), chat, request));
  const steps = sent.filter(({ event }) => event === "diffusion.step").map(({ data }) => data);
  expect(steps.map(({ revoked }) => revoked)).toEqual([undefined, [0]]);
  expect(sent.find(({ event }) => event === "diffusion.step_map")!.data.steps).toEqual([null]);
});

test("an overwritten token is reported as an edit, and the step map has its last step", async () => {
  const nothing = { positions: [], tokens: [], confidences: [] };
  const events = (request: object): readonly GenerateEvent[] => {
    const [start, , , ...rest] = spelled(request, "b");
    const first = stepEvent(0, 97, 0);
    const second = {
      ...stepEvent(0, 98, 1),
      ...nothing,
      texts: [],
      edits: { positions: [0], tokens: [98], confidences: [0.9] },
    };
    const progress = { type: "progress", committed: 1, total: 1, finalizedTokens: 1, text: "b" } as const;
    return [start!, first, second as GenerateEvent, progress, rest.at(-1)!];
  };
  const script = scripted({ events: ({ tokens: _, ...request }) => events(request) });
  const request = { messages: sort, stream: true, stream_options: { include_steps: true } };
  const sent = await eventsOf(await post(appOf(script.handle), chat, request));
  const steps = sent.filter(({ event }) => event === "diffusion.step").map(({ data }) => data);
  expect(steps[1].edits).toEqual({ positions: [0], tokens: [98], texts: ["b"], confidences: [0.9] });
  expect(sent.find(({ event }) => event === "diffusion.step_map")!.data.steps).toEqual([1]);
});

test("an echo is sent first, a hole once it is filled", async () => {
  const request = { prompt: ["so", "re"], echo: true, max_tokens: 2, stream: true, diffusion: { canvas: 4 } };
  const chunks = chunksOf(await eventsOf(await post(app, completions, request)));
  expect(textOf(chunks, 0).startsWith("so")).toBe(true);
  expect(textOf(chunks, 1).startsWith("re")).toBe(true);
  const holes = { segments: ["a", { length: 2 }, "b"], stream: true };
  const [chunk, ...others] = chunksOf(await eventsOf(await post(app, infill, holes)));
  expect(others).toEqual([]);
  expect(chunk.choices[0]).toMatchObject({
    text: expect.stringMatching(/^a..b$/),
    holes: [{ tokens: [expect.any(Number), expect.any(Number)] }],
  });
});

describe("a request that fails", () => {
  test("before its first event gets an error status", async () => {
    const diffusion = { cache: { name: "block" } };
    const response = await post(app, chat, { messages: sort, stream: true, diffusion });
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toMatch(
      /Cannot use cache 'block' as the model is bidirectional/,
    );
  });

  test("later gets the error as last event of its stream", async () => {
    const script = scripted({
      events: (request) => spelled(request, "abc"),
      beforeEvent: (index) => {
        if (index === 4) throw new DiffusionError("numeric", "Cannot decode position 3");
      },
    });
    const outcomes: RequestOutcome[] = [];
    const failing = appOf(script.handle, { observer: { onEnd: (_, outcome) => outcomes.push(outcome) } });
    const events = await eventsOf(await post(failing, chat, { messages: sort, stream: true }));
    expect(textOf(chunksOf(events.slice(0, -1)))).toBe("a");
    expect(events.at(-1)!.data.error).toEqual({
      message: "Cannot decode position 3",
      type: "server_error",
      param: null,
      code: "numeric",
    });
    expect(outcomes).toMatchObject([{ status: 200, errorCode: "numeric", stream: true, aborted: false }]);
  });

  test("cannot have steps without a stream", async () => {
    const { status, body } = await answerOf(app, chat, {
      messages: sort,
      stream_options: { include_usage: true, include_steps: true },
    });
    expect([status, body.error.param]).toEqual([400, "stream_options.include_steps"]);
  });
});

/** Reads the text of a response piece by piece. */
function readerOf(response: Response) {
  const reader = response.body!.getReader();
  const decode = new TextDecoder();
  return {
    read: async () => {
      const { done, value } = await reader.read();
      return done ? undefined : decode.decode(value);
    },
    cancel: () => reader.cancel(),
  };
}

test("a stream without events sends comments, which clients ignore", async () => {
  let go = () => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  const script = scripted({ beforeEvent: (index) => (index === 1 ? gone : undefined) });
  const beating = appOf(script.handle, { heartbeatMs: 5 });
  const reader = readerOf(await post(beating, chat, { messages: sort, stream: true }));
  let all = "";
  while (!all.includes("here\n\n: still here")) all += await reader.read();
  go();
  for (let text = await reader.read(); text !== undefined; text = await reader.read()) all += text;
  const events = parseEvents(all);
  expect(textOf(chunksOf(events))).toBe("ok");
  expect(events.at(-1)!.data).toBe("[DONE]");
});

test("a client that disconnects aborts its request, and the observer receives the outcome", async () => {
  const script = scripted({
    beforeEvent: (index, signal) => (index < 3 ? undefined : untilAborted(signal)),
  });
  const outcomes: RequestOutcome[] = [];
  const left = appOf(script.handle, { observer: { onEnd: (_, outcome) => outcomes.push(outcome) } });
  const reader = readerOf(await post(left, chat, { messages: sort, stream: true, n: 2 }));
  await reader.read();
  expect(script.open).toBe(2);
  await reader.cancel();
  await eventually(() => script.open).toBe(0);
  expect(outcomes).toMatchObject([{ status: 200, aborted: true, stream: true }]);
});

test("a client that does not read delays no other request, and gets a complete response later", async () => {
  const request = {
    messages: sort,
    stream: true,
    diffusion: { canvas: 16, decoder: { name: "fixed", steps: 8 } },
  };
  const slow = await post(app, chat, request);
  const others = await Promise.all([1, 2, 3].map(async () => eventsOf(await post(app, chat, request))));
  expect(others.map((events) => textOf(chunksOf(events)))).toEqual(Array(3).fill("17 42 90"));
  expect((await engine.status()).active).toBe(0);
  expect(textOf(chunksOf(await eventsOf(slow)))).toBe("17 42 90");
});

test("frames are made when they are read", async () => {
  let made = 0;
  const script = scripted({
    events: (request) => spelled(request, "x".repeat(100)),
    beforeEvent: () => {
      made++;
    },
  });
  const reader = readerOf(await post(appOf(script.handle), chat, { messages: sort, stream: true }));
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made).toBeLessThan(10);
  let text = "";
  for (let next = await reader.read(); next !== undefined; next = await reader.read()) text += next;
  expect(textOf(chunksOf(parseEvents(text)))).toBe("x".repeat(100));
});

test("prompts and choices have their index", async () => {
  const prompt = ["so", "re", "ab"];
  const request = { prompt, n: 2, seed: 1, temperature: 1, max_tokens: 3, diffusion: { canvas: 4 } };
  const { body } = await answerOf(app, completions, request);
  const chunks = chunksOf(await eventsOf(await post(app, completions, { ...request, stream: true })));
  expect(body.choices.map((choice: Json) => choice.text)).toEqual(
    [0, 1, 2, 3, 4, 5].map((i) => textOf(chunks, i)),
  );
});
