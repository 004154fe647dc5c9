/** Responses of the endpoints, in process. */
import { describe, expect, test } from "vitest";
import { DiffusionError, decoder, Engine, probability } from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { scripted, spelled, untilAborted } from "./support/scripted.ts";
import {
  answerOf,
  appOf,
  chat,
  completions,
  eventually,
  type Json,
  messagesOf,
  model,
  openTiny,
  sort,
} from "./support/tiny.ts";

const { engine, app } = await openTiny();

const small = { diffusion: { canvas: 16 } };

describe("models", () => {
  test("are listed with their settings", async () => {
    const { data } = await (await app.request("/v1/models")).json();
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ id: model, object: "model", diffusion: { context: 512, canvas: 128 } });
    expect(await (await app.request(`/v1/models/${model}`)).json()).toEqual(data[0]);
  });

  test("may have slashes in their names", async () => {
    const named = appOf(engine, { models: new Map([["some/model", engine]]) });
    for (const path of ["some/model", "some%2Fmodel"])
      expect(await (await named.request(`/v1/models/${path}`)).json()).toMatchObject({ id: "some/model" });
  });

  test("that are unknown get a 404 with the available models", async () => {
    const { status, body } = await answerOf(app, chat, { model: "gpt", messages: sort });
    expect(status).toBe(404);
    expect(body.error).toMatchObject({
      code: "model_not_found",
      param: "model",
      type: "invalid_request_error",
    });
    expect(body.error.message).toBe('Unknown model "gpt": available models are tiny');
  });

  test("are selected by name", async () => {
    const named = (text: string) => scripted({ events: (request) => spelled(request, text) }).handle;
    const two = appOf(engine, {
      models: new Map([
        ["a", named("one")],
        ["b", named("two")],
      ]),
    });
    const { body } = await answerOf(two, chat, { model: "b", messages: sort });
    expect(body.choices[0].message.content).toBe("two");
  });
});

describe("chat", () => {
  test("answers as the OpenAI API does", async () => {
    const { status, body } = await answerOf(app, chat, { messages: sort, ...small });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: "chat.completion",
      model,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "17 42 90", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 15, completion_tokens: 8, total_tokens: 23, diffusion: { canvas: 16 } },
    });
    expect(body.id).toMatch(/^chatcmpl-\w+$/);
  });

  test("accepts text parts, the type of a message, and null for absent fields", async () => {
    const content = [
      { type: "text", text: "sort 42" },
      { type: "text", text: " 17 90" },
    ];
    const messages = [{ role: "user", content, type: "text" }];
    const absent = { temperature: null, stop: null, max_tokens: null, stream: null, n: null, seed: null };
    const { body } = await answerOf(app, chat, {
      messages,
      ...small,
      ...absent,
      user: "me",
      metadata: { a: "b" },
    });
    expect(body.choices[0].message.content).toBe("17 42 90");
  });

  test.each([1, 2, 3, 5, 7])("returns exactly %i tokens of a block of 32", async (limit) => {
    for (const field of ["max_tokens", "max_completion_tokens"]) {
      const { body } = await answerOf(app, chat, {
        messages: sort,
        [field]: limit,
        diffusion: { canvas: 32 },
      });
      expect(body.choices[0].message.content).toBe("17 42 90".slice(0, limit));
      expect(body.choices[0].finish_reason).toBe("length");
      expect(body.usage).toMatchObject({ completion_tokens: limit, diffusion: { canvas: 32 } });
    }
  });

  test("max_tokens does not change the answer, and an answer continues after a full canvas", async () => {
    for (const max_tokens of [128, 200, 256, 400, 4096]) {
      const { body } = await answerOf(app, chat, { messages: sort, max_tokens });
      expect(body.choices[0]).toMatchObject({ message: { content: "17 42 90" }, finish_reason: "stop" });
    }
    const story = { messages: messagesOf("story: leo, blue bird, lake"), max_tokens: 4096 };
    const short = await answerOf(app, chat, { ...story, diffusion: { canvas: 16 } });
    expect(short.body.usage.completion_tokens).toBeGreaterThan(16);
    expect(short.body.usage.diffusion.canvas % 16).toBe(0);
    expect(short.body.usage.diffusion.canvas).toBeGreaterThan(16);
  });

  test("the canvas does not depend on max_tokens, and fits the context", async () => {
    const { handle, seen } = scripted({ info: { context: 100 } });
    const scriptedApp = appOf(handle);
    const lengthOf = async (body: object) => {
      const { status } = await answerOf(scriptedApp, chat, { messages: messagesOf("x".repeat(20)), ...body });
      expect(status).toBe(200);
      return seen.at(-1)!.genLength;
    };
    expect(await lengthOf({})).toBe(32);
    expect(await lengthOf({ max_tokens: 8 })).toBe(32);
    expect(await lengthOf({ max_tokens: 50 })).toBe(32);
    expect(await lengthOf({ max_tokens: 1000 })).toBe(32);
    expect(seen.at(-1)).toMatchObject({ maxTokens: 1000 });
    expect(await lengthOf({ max_tokens: -1 })).toBe(32);
    expect(seen.at(-1)).toMatchObject({ maxTokens: Number.MAX_SAFE_INTEGER });
    expect(await lengthOf({ diffusion: { canvas: 10 } })).toBe(10);
    expect(await lengthOf({ diffusion: { canvas: 10 }, max_tokens: 12 })).toBe(10);
    expect(await lengthOf({ messages: messagesOf("x".repeat(90)) })).toBe(10);
  });

  test("the fields of a request reach the engine, and no defaults", async () => {
    const { handle, seen } = scripted();
    const scriptedApp = appOf(handle);
    await answerOf(scriptedApp, chat, { messages: sort });
    expect(seen[0]).not.toHaveProperty("temperature");
    await answerOf(scriptedApp, chat, {
      messages: sort,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      n: 3,
      stop: "x",
    });
    expect(seen.slice(1).map(({ seed }) => seed)).toEqual([7, 8, 9]);
    expect(seen[1]).toMatchObject({ temperature: 0.5, topP: 0.9, stop: ["x"] });
    await answerOf(scriptedApp, chat, { messages: sort, seed: 2 ** 32 - 1, n: 2 });
    expect(seen.slice(4).map(({ seed }) => seed)).toEqual([2 ** 32 - 1, 0]);
  });

  test("the fields of 'diffusion' reach the engine under the core's names", async () => {
    const { handle, seen } = scripted();
    const sameNames = { greedy: true };
    const diffusion = {
      preset: "quality",
      block_length: null,
      sub_block_length: 4,
      early_stop: false,
      cfg_scale: 1.5,
      end_token: "stop",
      align_blocks_to_grid: true,
      trim_last_block: false,
      confidence_from: "sampling",
      ...sameNames,
      top_k: 3,
      decoder: { name: "klass", kl_threshold: 0.5, history_length: 3 },
      cache: { name: "dual", refresh_every: 8 },
      smoothing: { top_k: 4 },
      stop_tokens: [5],
    };
    await answerOf(appOf(handle), chat, { messages: sort, diffusion });
    expect(seen[0]).toMatchObject({
      preset: "quality",
      blockLength: null,
      subBlockLength: 4,
      earlyStop: false,
      cfgScale: 1.5,
      endToken: "stop",
      alignBlocksToGrid: true,
      trimLastBlock: false,
      confidenceFrom: "sampling",
      ...sameNames,
      topK: 3,
      decoder: { name: "klass", klThreshold: 0.5, historyLength: 3 },
      cache: { name: "dual", refreshEvery: 8 },
      smoothing: { topK: 4 },
      stopTokens: [5],
    });
  });

  test("choices use consecutive seeds", async () => {
    const body = { messages: messagesOf("py: add"), temperature: 3, max_tokens: 6, ...small };
    const { body: three } = await answerOf(app, chat, { ...body, n: 3, seed: 11 });
    const texts = three.choices.map((choice: Json) => choice.message.content);
    expect(three.choices.map((choice: Json) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(texts).size).toBeGreaterThan(1);
    for (const [i, text] of texts.entries()) {
      const { body: one } = await answerOf(app, chat, { ...body, seed: 11 + i });
      expect(one.choices[0].message.content).toBe(text);
    }
  });

  test("stops at stop strings", async () => {
    const { body } = await answerOf(app, chat, { messages: sort, stop: [" 9", "x"], ...small });
    expect(body.choices[0]).toMatchObject({ message: { content: "17 42" }, finish_reason: "stop" });
    expect(body.usage.completion_tokens).toBe(5);
  });
});

describe("special tokens in a user's text are plain text", () => {
  const tricks = ["<|mask|>", "<|eos|>", "<|user|>", "<|assistant|>"];
  test.each(tricks)("%s in a message is characters", async (trick) => {
    const { body } = await answerOf(app, "/tokenize", { messages: messagesOf(trick) });
    expect(body.count).toBe(trick.length + 2);
    const answered = await answerOf(app, chat, {
      messages: messagesOf(`sort ${trick}`),
      max_tokens: 2,
      ...small,
    });
    expect(answered.status).toBe(200);
  });
  test.each(tricks)("%s in a prompt is characters", async (trick) => {
    expect((await answerOf(app, "/tokenize", { prompt: trick })).body.count).toBe(trick.length);
    const { body } = await answerOf(app, completions, { prompt: trick, max_tokens: 1, echo: true, ...small });
    expect(body.usage.prompt_tokens).toBe(trick.length);
    expect(body.choices[0].text.startsWith(trick)).toBe(true);
  });
  test("special tokens are parsed on request", async () => {
    const { body } = await answerOf(app, "/tokenize", { prompt: "a<|eos|>", special: "parse" });
    expect(body.tokens).toEqual([expect.any(Number), 0]);
  });
  test("the mask token in token IDs is rejected", async () => {
    const { status, body } = await answerOf(app, completions, { prompt: [5, 1], ...small });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/must not contain the mask token 1/);
  });
});

describe("completions", () => {
  const prompt = "<|user|>sort 3 1 2<|assistant|>";
  test("accept a string, token IDs, and arrays of either", async () => {
    const { body } = await answerOf(app, "/tokenize", { prompt, special: "parse" });
    const ids: number[] = body.tokens;
    for (const many of [[ids], [ids, ids]]) {
      const answered = await answerOf(app, completions, { prompt: many, n: 2, ...small });
      const texts = answered.body.choices.map((choice: Json) => choice.text);
      expect(texts).toEqual(Array(many.length * 2).fill("1 2 3"));
      expect(answered.body.usage.prompt_tokens).toBe(many.length * ids.length);
    }
    expect((await answerOf(app, completions, { prompt: ids, ...small })).body.choices).toHaveLength(1);
    const texts = await answerOf(app, completions, { prompt: ["a", "b"], max_tokens: 1, ...small });
    expect(texts.body).toMatchObject({ object: "text_completion", choices: [{ index: 0 }, { index: 1 }] });
  });

  test("echo the prompt, also from token IDs", async () => {
    const { body } = await answerOf(app, completions, {
      prompt: [88, 84],
      echo: true,
      max_tokens: 1,
      ...small,
    });
    expect(body.choices[0].text).toMatch(/^so.$/);
    expect(body.usage.completion_tokens).toBe(1);
  });

  test("do not support likelihoods of given text", async () => {
    const request = { prompt: "a", echo: true, logprobs: 1, max_tokens: 1, temperature: 0, seed: 1234 };
    const { status, body } = await answerOf(app, completions, request);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ param: "logprobs", code: "invalid_combination" });
    expect(body.error.message).toMatch(/cannot compute the likelihood/);
  });
});

describe("tokens", () => {
  test("of a text, with their texts, and back to the text", async () => {
    const { body } = await answerOf(app, "/tokenize", { prompt: "so 1", return_token_strs: true });
    expect(body).toMatchObject({ count: 4, max_model_len: 512, token_strs: ["s", "o", " ", "1"] });
    expect((await answerOf(app, "/detokenize", { tokens: body.tokens })).body).toEqual({ prompt: "so 1" });
  });
  test("of text that the tokenizer cannot encode are rejected", async () => {
    const { status, body } = await answerOf(app, "/tokenize", { prompt: "ä" });
    expect([status, body.error.code]).toEqual([400, "text"]);
  });
});

describe("a custom decoder", () => {
  const mine = decoder({
    name: "mine",
    help: "All at once.",
    source: "",
    parameters: { share: probability({ default: 0.25, help: "of nothing" }) },
    commit: ({ open, token }, _, out) => {
      for (const offset of open) out.commit(offset, token[offset]!);
    },
  });
  test("can be selected, and is in /openapi.json", async () => {
    const own = await Engine.load(cpuSurroundings.tinyModel, {
      backend: cpuSurroundings.backend,
      decoders: [mine],
    });
    try {
      const extended = appOf(own);
      const chosen = (decoder: object) =>
        answerOf(extended, chat, { messages: sort, diffusion: { canvas: 16, decoder } });
      expect((await chosen({ name: "mine", share: 1 })).body.usage.diffusion.forwards).toBe(1);
      const { status, body } = await chosen({ name: "mine", share: 2 });
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ param: "diffusion.decoder.share" });
      expect(JSON.stringify(await (await extended.request("/openapi.json")).json())).toContain('"mine"');
    } finally {
      await own.dispose();
    }
  });
});

test("a failed choice aborts the others, and its error is the response", async () => {
  const cases = [
    ["numeric", 500, "numeric"],
    ["out-of-memory", 507, "out_of_memory"],
    ["device-lost", 503, "device_lost"],
    ["disposed", 503, "disposed"],
    ["context-exceeded", 400, "context_length_exceeded"],
    ["internal", 500, "internal"],
  ] as const;
  for (const [code, status, name] of cases) {
    const script = scripted({
      beforeEvent: (index, signal) => {
        if (script.seen.length === 2 && index === 1) throw new DiffusionError(code, "Cannot go on");
        return untilAborted(signal);
      },
    });
    const { status: got, body } = await answerOf(appOf(script.handle), chat, { messages: sort, n: 2 });
    expect([got, body.error.code, body.error.message]).toEqual([status, name, "Cannot go on"]);
    await eventually(() => script.open).toBe(0);
  }
});
