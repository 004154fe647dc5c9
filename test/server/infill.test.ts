/** Holes, drafts and suffixes over HTTP. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Engine } from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { scripted } from "./support/scripted.ts";
import { chunksOf, eventsOf } from "./support/sse.ts";
import { answerOf, appOf, completions, infill, messagesOf, openTiny, post, sort } from "./support/tiny.ts";

const { engine, app } = await openTiny();

const river = messagesOf("reverse river stone cloud");
/** Text of all characters that the tokenizer knows, and text that looks like special tokens. */
const pinned = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))),
    maxLength: 8,
  }),
  fc.constantFrom("<|mask|>", "<|eos|>", "<|user|>x", "  ", ""),
);
const length = fc.integer({ min: 1, max: 3 });
const hole = fc.oneof(fc.record({ length }), fc.record({ minimum: fc.constantFrom(0, 1), maximum: length }));

test("pinned text is unchanged, with every hole between its neighbours", async () => {
  const segments = fc
    .array(fc.oneof(pinned, hole), { minLength: 1, maxLength: 5 })
    .filter((all) => all.some((segment) => typeof segment !== "string"));
  const decoder = { name: "threshold", threshold: 0.2 };
  await fc.assert(
    fc.asyncProperty(segments, fc.boolean(), async (requested, prompted) => {
      const prompt = prompted ? { prompt: "so" } : {};
      const { status, body } = await answerOf(app, infill, {
        ...prompt,
        segments: requested,
        diffusion: { decoder },
      });
      expect(status).toBe(200);
      const [{ text, holes }] = body.choices;
      let next = 0;
      const parts = requested.map((segment) => (typeof segment === "string" ? segment : holes[next++].text));
      expect(next).toBe(holes.length);
      expect(text).toBe(parts.join(""));
      requested
        .filter((segment) => typeof segment === "object")
        .forEach((segment, index) => {
          const count = holes[index].tokens.length;
          if (typeof segment === "string") return;
          if ("length" in segment) expect(count).toBe(segment.length);
          else expect(count).toBeLessThanOrEqual(segment.maximum);
          if ("minimum" in segment) expect(count).toBeGreaterThanOrEqual(segment.minimum);
        });
    }),
    { numRuns: 200 },
  );
}, 600_000);

test("a hole is filled with the context on both sides", async () => {
  const { body } = await answerOf(app, infill, {
    messages: river,
    segments: ["cloud ", { length: 5 }, " river"],
  });
  expect(body).toMatchObject({
    object: "infill",
    choices: [{ index: 0, text: "cloud stone river", holes: [{ text: "stone" }], finish_reason: "stop" }],
    usage: { completion_tokens: 5, prompt_tokens: 39, diffusion: { canvas: 5 } },
  });
});

test("markers in a text are holes, at any place", async () => {
  const { body } = await answerOf(app, infill, {
    messages: river,
    text: "?? stone ??",
    hole: { marker: "??", length: 5 },
  });
  expect(body.choices[0].text).toBe("cloud stone river");
  const missing = await answerOf(app, infill, { text: "cloud", hole: { marker: "??", length: 5 } });
  expect(missing).toMatchObject({
    status: 400,
    body: { error: { message: "Cannot infill as the request must have at least one hole: found none" } },
  });
});

test("choices share the pinned text, and are streamed once they are complete", async () => {
  const request = { segments: ["so", { length: 2 }], n: 3, seed: 1, temperature: 5 };
  const { body } = await answerOf(app, infill, request);
  const chunks = chunksOf(await eventsOf(await post(app, infill, { ...request, stream: true })));
  const streamed = chunks.flatMap(({ choices }) => choices).toSorted((a, b) => a.index - b.index);
  expect(streamed).toEqual(body.choices);
  expect(body.choices).toHaveLength(3);
});

describe("a draft", () => {
  test("is revised, and cut at max_tokens", async () => {
    const request = {
      messages: sort,
      draft: { text: "17 x2 90", remask_fraction: 1 },
      diffusion: { canvas: 16 },
    };
    const { body } = await answerOf(app, infill, request);
    expect(body.choices[0]).toMatchObject({ text: "17 42 90", finish_reason: "stop" });
    const cut = await answerOf(app, infill, { ...request, max_tokens: 4 });
    expect(cut.body.choices[0]).toMatchObject({ text: "17 4", finish_reason: "length" });
    const chunks = chunksOf(await eventsOf(await post(app, infill, { ...request, stream: true })));
    expect(chunks.map(({ choices }) => choices[0].text).join("")).toBe("17 42 90");
  });
  test("extends the canvas to its own length", async () => {
    const text = "x".repeat(20);
    const request = { messages: sort, draft: { text, remask_fraction: 0.1 }, diffusion: { canvas: 4 } };
    expect((await answerOf(app, infill, request)).body.usage.diffusion.canvas).toBe(20);
  });
});

describe("a suffix", () => {
  test("makes the answer a hole of at most max_tokens", async () => {
    const { body: template } = await answerOf(app, "/tokenize", { messages: river });
    const prompt = [...template.tokens, ...(await engine.tokenize("cloud "))];
    const request = { prompt, suffix: " river", max_tokens: 5 };
    const { body } = await answerOf(app, completions, request);
    expect(body.choices).toEqual([{ index: 0, text: "stone", logprobs: null, finish_reason: "length" }]);
    const stopped = await answerOf(app, completions, { ...request, stop: "on" });
    expect(stopped.body.choices[0]).toMatchObject({ text: "st", finish_reason: "stop" });
    const [chunk] = chunksOf(await eventsOf(await post(app, completions, { ...request, stream: true })));
    expect(chunk.choices).toEqual(body.choices);
  });

  test("has a hole of at most the canvas, even with a higher max_tokens", async () => {
    const { handle, seen } = scripted({ info: { context: 100 } });
    const scriptedApp = appOf(handle);
    const holeOf = async (body: object) => {
      const { status } = await answerOf(scriptedApp, completions, { prompt: "ab", suffix: "c", ...body });
      expect(status).toBe(200);
      return seen.at(-1)!.infill![0];
    };
    expect(await holeOf({})).toEqual({ minimum: 0, maximum: 32 });
    expect(await holeOf({ max_tokens: 5 })).toEqual({ minimum: 0, maximum: 5 });
    expect(await holeOf({ max_tokens: 4096 })).toEqual({ minimum: 0, maximum: 32 });
    expect(await holeOf({ max_tokens: 4096, diffusion: { canvas: 64 } })).toEqual({
      minimum: 0,
      maximum: 64,
    });
    expect(await holeOf({ prompt: "a".repeat(90) })).toEqual({ minimum: 0, maximum: 9 });
  });

  test("that max_forwards leaves unfinished has the finish_reason length", async () => {
    const request = {
      prompt: "ab",
      suffix: "c",
      max_tokens: 8,
      diffusion: { decoder: { name: "fixed", steps: 8 }, max_forwards: 1 },
    };
    const { body } = await answerOf(app, completions, request);
    expect(body.choices[0].finish_reason).toBe("length");
    const holes = { segments: ["ab", { length: 8 }], diffusion: request.diffusion };
    const filled = await answerOf(app, infill, holes);
    expect(filled.body.choices[0].finish_reason).toBe("length");
    expect((await answerOf(app, infill, { segments: holes.segments })).body.choices[0].finish_reason).toBe(
      "stop",
    );
  });
});

describe("an invalid request is rejected", () => {
  const segments = ["a", { length: 1 }];
  const draft = { text: "a", remask_fraction: 0.5 };
  test.each([
    [{}, "segments", "it needs 'segments', 'text' with 'hole', or 'draft'"],
    [{ text: "a" }, "segments", "it needs 'segments'"],
    [{ segments, text: "a" }, "segments", "'segments' cannot be combined with 'text' or 'hole'"],
    [{ segments, max_tokens: 3 }, "max_tokens", "holes have their own lengths"],
    [{ segments, diffusion: { canvas: 3 } }, "diffusion.canvas", "holes have their own lengths"],
    [{ segments, draft, prompt: "a" }, "draft", "cannot be combined with 'segments'"],
    [{ draft }, "draft", "'draft' requires 'messages' or 'prompt'"],
    [{ segments, prompt: "a", messages: sort }, "messages", "only one of 'messages' and 'prompt'"],
    [{ segments: ["a", { length: 0 }] }, "segments[1].length", "an integer at least 1: found 0"],
    [{ segments: ["a", { length: 1, maximum: 2 }] }, "segments[1]", "must be a string, token IDs"],
    [
      { draft: { text: "a", remask_fraction: 0 }, prompt: "a" },
      "draft.remask_fraction",
      "a number above 0 and at most 1: found 0",
    ],
    [{ segments, stop: "a" }, "stop", "it has no field 'stop'"],
    [
      { segments: ["a", { minimum: 3, maximum: 2 }] },
      null,
      "minimum of infill[1] must not be above its maximum",
    ],
    [{ segments: ["a"] }, null, "must have at least one hole"],
    [{ segments, diffusion: { cfg_scale: 1 } }, null, "guidance applies only to prompts, not to holes"],
    [{ segments: ["ä", { length: 1 }] }, null, "Cannot encode"],
  ])("%j", async (body, param, message) => {
    const { status, body: answer } = await answerOf(app, infill, body);
    expect([status, answer.error.param]).toEqual([400, param]);
    expect(answer.error.message).toContain(message);
  });

  test.each([
    [{ echo: true }, "echo"],
    [{ logprobs: 1 }, "logprobs"],
  ])("a suffix with %j", async (body, param) => {
    const { status, body: answer } = await answerOf(app, completions, { prompt: "a", suffix: "b", ...body });
    expect([status, answer.error.param]).toEqual([400, param]);
  });

  test("for a block-causal model", async () => {
    const causal = await Engine.load(cpuSurroundings.model("sdar"), { backend: cpuSurroundings.backend });
    try {
      const { info } = causal;
      const handle = Object.assign(Object.create(causal), {});
      Object.defineProperty(handle, "info", { value: { ...info, hasTokenizer: true } });
      for (const name of ["generate", "dispose"] as const)
        Object.defineProperty(handle, name, { value: causal[name].bind(causal) });
      const { status, body } = await answerOf(appOf(handle), infill, { segments: [[5], { length: 1 }] });
      expect(status).toBe(400);
      expect(body.error.message).toBe(
        "Cannot infill as the model is block-causal: a hole would not see the text after it",
      );
    } finally {
      await causal.dispose();
    }
  });
});
