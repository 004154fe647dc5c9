/** The unmodified official client against the app on a socket. */
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, TokenLogprobs } from "../../src/core/index.ts";
import type { RequestOutcome } from "../../src/server/index.ts";
import { scripted, untilAborted } from "./support/scripted.ts";
import { appOf, eventually, loadTiny, model, withCanvas } from "./support/tiny.ts";

let engine: Engine;
/** The default length of the canvas. */
const canvas = 16;
let client: OpenAI;
const servers: ServerType[] = [];

async function clientOf(app: ReturnType<typeof appOf>): Promise<OpenAI> {
  const server = await new Promise<ServerType>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
    servers.push(started);
  });
  const { port } = server.address() as AddressInfo;
  return new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
}

beforeAll(async () => {
  engine = await loadTiny();
  client = await clientOf(appOf(withCanvas(engine, canvas)));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await engine.dispose();
});

const messages = [{ role: "user" as const, content: "sort 42 17 90" }];

test("models", async () => {
  const listed: string[] = [];
  for await (const each of client.models.list()) listed.push(each.id);
  expect(listed).toEqual([model]);
  expect(await client.models.retrieve(model)).toMatchObject({
    id: model,
    object: "model",
    owned_by: "unmask",
  });
  await expect(client.models.retrieve("none")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

describe("log-probabilities", () => {
  const body = { model, messages, temperature: 0, max_completion_tokens: 20 };

  test("are those of the step that committed each token, as in the engine's events", async () => {
    const answer = await client.chat.completions.create({ ...body, logprobs: true, top_logprobs: 3 });
    const [choice] = answer.choices;
    const content = choice!.logprobs!.content!;
    const request = { messages, temperature: 0, genLength: canvas, maxTokens: 20, topLogprobs: 3 };
    const expected = new Map<number, TokenLogprobs>();
    let start = 0;
    for await (const event of engine.generate(request)) {
      if (event.type === "start") start = event.promptTokens;
      if (event.type !== "step") continue;
      event.positions.forEach((position, index) => {
        expected.set(position - start, event.logprobs![index]!);
      });
    }
    expect(content.length).toBe(answer.usage!.completion_tokens);
    content.forEach(({ logprob, top_logprobs }, index) => {
      expect(logprob).toBe(expected.get(index)!.logprob);
      expect(top_logprobs.map((each) => each.logprob)).toEqual(
        expected.get(index)!.top.map((each) => each.logprob),
      );
    });
    expect(content.map(({ token }) => token).join("")).toBe(choice!.message.content);
    expect(content.map(({ bytes }) => Buffer.from(bytes!).toString()).join("")).toBe(choice!.message.content);
  });

  test("are the same in a stream, each with its text", async () => {
    const whole = await client.chat.completions.create({ ...body, logprobs: true, top_logprobs: 2 });
    const stream = await client.chat.completions.create({
      ...body,
      logprobs: true,
      top_logprobs: 2,
      stream: true,
    });
    const streamed: OpenAI.Chat.Completions.ChatCompletionTokenLogprob[] = [];
    for await (const { choices } of stream) {
      const [choice] = choices;
      const content = choice?.logprobs?.content ?? [];
      expect(content.map(({ token }) => token).join("")).toBe(choice?.delta.content ?? "");
      streamed.push(...content);
    }
    expect(streamed).toEqual(whole.choices[0]!.logprobs!.content);
  });

  test("of a completion have the offset of each token", async () => {
    const answer = await client.completions.create({
      model,
      prompt: "<role>HUMAN</role>1+1",
      temperature: 0,
      max_tokens: 12,
      logprobs: 2,
    });
    const [{ text, logprobs }] = answer.choices as [OpenAI.Completions.CompletionChoice];
    const { tokens, token_logprobs, top_logprobs, text_offset } = logprobs!;
    expect(tokens!.join("")).toBe(text);
    expect(token_logprobs).toHaveLength(tokens!.length);
    expect(top_logprobs!.every((top) => Object.keys(top).length === 2)).toBe(true);
    text_offset!.forEach((offset, index) => {
      expect(text.slice(offset).startsWith(tokens![index]!)).toBe(true);
    });
  });
});

describe("chat completions", () => {
  test("without a stream", async () => {
    const answer = await client.chat.completions.create({
      model,
      messages,
      temperature: 0,
      max_completion_tokens: 20,
    });
    expect(answer.choices[0]!.message).toEqual({ role: "assistant", content: "17 42 90", refusal: null });
    expect(answer.choices[0]!.finish_reason).toBe("stop");
    expect(answer.usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 8, total_tokens: 23 });
    expect(answer._request_id).toMatch(/^[\w-]+$/);
  });

  test("with parts, a system message, stops, choices and labels", async () => {
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: [{ type: "text", text: "sort 42 17 90" }] }],
      n: 2,
      seed: 3,
      stop: [" 9"],
      user: "me",
      metadata: { a: "b" },
      top_p: 1,
      logprobs: false,
      frequency_penalty: 0,
      presence_penalty: 0,
      response_format: { type: "text" },
    });
    expect(answer.choices.map((choice) => choice.message.content)).toEqual(["17 42", "17 42"]);
  });

  test("as a stream with usage", async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      max_tokens: 5,
      stream_options: { include_usage: true },
    });
    let text = "";
    let reason: string | null | undefined;
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      reason ??= chunk.choices[0]?.finish_reason;
      usage = chunk.usage;
    }
    expect([text, reason]).toEqual(["17 42", "length"]);
    expect(usage).toMatchObject({ completion_tokens: 5 });
  });

  test("as a stream with decode steps, whose unknown fields the client accepts", async () => {
    const body = {
      model,
      messages,
      stream: true as const,
      stream_options: { include_usage: false, include_steps: true },
      diffusion: { canvas: 16, decoder: { name: "fixed", steps: 4 } },
    };
    const objects = new Set<string>();
    let text = "";
    for await (const chunk of await client.chat.completions.create(body)) {
      objects.add(chunk.object);
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect([...objects].sort()).toEqual(["chat.completion.chunk", "diffusion.step", "diffusion.step_map"]);
    expect(text).toMatch(/^17 42 /);
  });

  test("through the client's own stream helper", async () => {
    const helper = client.chat.completions.stream({ model, messages });
    expect(await helper.finalContent()).toBe("17 42 90");
  });
});

test("a conversation continues with the unchanged message of the answer", async () => {
  const history: OpenAI.Chat.ChatCompletionMessageParam[] = [...messages];
  for (const expected of [15, 39]) {
    const { choices, usage } = await client.chat.completions.create({ model, messages: history });
    expect(usage!.prompt_tokens).toBe(expected);
    history.push(choices[0]!.message, ...messages);
  }
  const streamed = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
  history.push(streamed.choices[0]!.message, ...messages);
  expect((await client.chat.completions.create({ model, messages: history })).choices).toHaveLength(1);
});

describe("completions", () => {
  test("of texts and of tokens, with and without a stream", async () => {
    const whole = await client.completions.create({
      model,
      prompt: ["so", "re"],
      n: 2,
      max_tokens: 3,
      echo: true,
    });
    expect(whole.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3]);
    expect(whole.choices[0]!.text.startsWith("so")).toBe(true);
    const prompt = [...(await engine.tokenize("<|user|>sort 3 1 2<|assistant|>", { special: "parse" }))];
    let text = "";
    for await (const chunk of await client.completions.create({ model, prompt, stream: true }))
      text += chunk.choices[0]?.text ?? "";
    expect(text).toBe("1 2 3");
  });

  test("between a prompt and a suffix", async () => {
    const answer = await client.completions.create({ model, prompt: "so", suffix: "t", max_tokens: 1 });
    expect(answer.choices[0]!.text).toHaveLength(1);
  });
});

describe("errors are the client's error classes", () => {
  test("for invalid fields, with their names", async () => {
    const response = client.chat.completions.create({ model, messages, temperature: -1 });
    const error = await response.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      param: "temperature",
      code: "invalid_value",
      type: "invalid_request_error",
    });
  });
  test("for unsupported formats", async () => {
    const response = client.chat.completions.create({
      model,
      messages,
      response_format: { type: "json_object" },
    });
    await expect(response).rejects.toThrow(/structured outputs are not supported yet/);
  });
  test("for unknown models", async () => {
    await expect(client.chat.completions.create({ model: "gpt-4o", messages })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
  });
  test("in a stream", async () => {
    const script = scripted({
      beforeEvent: (index) => {
        if (index > 2) throw new Error("a secret of the server");
      },
    });
    const failing = await clientOf(appOf(script.handle));
    const read = async () => {
      for await (const _ of await failing.chat.completions.create({ model, messages, stream: true }));
    };
    await expect(read()).rejects.toThrow(/^Cannot answer the request as the server failed$/);
  });
});

describe("a client that disconnects", () => {
  async function disconnecting() {
    const script = scripted({
      beforeEvent: (index, signal) => (index < 3 ? undefined : untilAborted(signal)),
    });
    const outcomes: RequestOutcome[] = [];
    const observer = { onEnd: (_: unknown, outcome: RequestOutcome) => outcomes.push(outcome) };
    return { script, outcomes, own: await clientOf(appOf(script.handle, { observer })) };
  }

  test("before the response aborts its request", async () => {
    const { script, outcomes, own } = await disconnecting();
    const controller = new AbortController();
    const response = own.chat.completions.create({ model, messages }, { signal: controller.signal });
    await eventually(() => script.open).toBe(1);
    controller.abort();
    await expect(response).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await eventually(() => script.open).toBe(0);
    await eventually(() => outcomes).toMatchObject([{ status: 499, aborted: true }]);
  });

  test("during a stream aborts its request", async () => {
    const { script, outcomes, own } = await disconnecting();
    const stream = await own.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await eventually(() => script.open).toBe(0);
    await eventually(() => outcomes).toMatchObject([{ status: 200, aborted: true, stream: true }]);
  });

  test("frees its slot in the engine", async () => {
    const request = {
      model,
      messages,
      stream: true as const,
      diffusion: { decoder: { name: "fixed", steps: 32 } },
    };
    const stream = await client.chat.completions.create(request);
    for await (const _ of stream) break;
    await eventually(async () => (await engine.status()).active).toBe(0);
  });
});
