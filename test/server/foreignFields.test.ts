/** Fields of other servers: values without effect are accepted, unsupported values rejected, others ignored and named. */
import { describe, expect, test } from "vitest";
import {
  bodyFields,
  type ForeignFields,
  messageFields,
  partFields,
  streamOptionFields,
} from "../../src/server/fields/index.ts";
import { scripted } from "./support/scripted.ts";
import { type App, appOf, chat, completions, type Json, messagesOf, post, sort } from "./support/tiny.ts";

const header = "x-unmask-ignored-fields";
const { handle, seen } = scripted();
const app = appOf(handle);
const strict = appOf(handle, { strict: true });

/** Sends a body; returns the engine's request without its seed, or the error. */
async function send(body: object, of: App = app, path = chat) {
  const answer = await post(of, path, body);
  const json: Json = await answer.json();
  const { seed: _, ...request } = seen.at(-1) ?? {};
  return { status: answer.status, ignored: answer.headers.get(header), request, error: json.error };
}

type Wrap = (fields: object) => object;
const inBody: Wrap = (fields) => ({ messages: sort, ...fields });
const inMessage: Wrap = (fields) => ({ messages: [{ role: "user", content: "a", ...fields }] });
const inPart: Wrap = (fields) => ({
  messages: [{ role: "user", content: [{ type: "text", text: "a", ...fields }] }],
});
const inOptions: Wrap = (fields) => ({ messages: sort, stream_options: fields });

const levels: readonly (readonly [where: string, ForeignFields, Wrap, pattern: string, path: string])[] = [
  ["the body", bodyFields, inBody, "", ""],
  ["a message", messageFields, inMessage, "messages[].", "messages[0]."],
  ["a part of one", partFields, inPart, "messages[].content[].", "messages[0].content[0]."],
  ["stream_options", streamOptionFields, inOptions, "stream_options.", "stream_options."],
];

/** A value that has an effect in every field. */
const something = { on: "something" };

describe.each(levels)("of %s", (_, fields, wrap, pattern, path) => {
  const entries = Object.entries(fields);
  test("the list is not empty", () => expect(entries.length).toBeGreaterThan(1));

  test.each(entries)("%s", async (name, { neutral, rejected }) => {
    const plain = await send(wrap({}));
    expect([plain.status, plain.ignored]).toEqual([200, null]);
    for (const value of [null, ...(neutral === "any" ? [something, 0, "text"] : neutral)]) {
      for (const each of [app, strict])
        expect([value, await send(wrap({ [name]: value }), each)]).toEqual([value, plain]);
    }
    if (neutral === "any") return;
    const other = await send(wrap({ [name]: something }));
    const strictly = await send(wrap({ [name]: something }), strict);
    if (rejected === undefined) {
      expect(other).toEqual({ ...plain, ignored: pattern + name });
      expect([strictly.status, strictly.error.code]).toEqual([400, "unknown_field"]);
    } else {
      expect([other.status, other.error.param]).toEqual([400, path + name]);
      expect(other.error.message).toContain(`, as ${rejected}: found {"on":"something"}`);
      expect(strictly.error).toEqual(other.error);
    }
  });
});

describe("an unknown field", () => {
  test("is ignored and named once for all messages", async () => {
    const messages = [
      { role: "user", content: "a", parts: [], mood: "calm" },
      { role: "assistant", content: "b", parts: [1] },
      { role: "user", content: "c", parts: null },
    ];
    const plain = await send({ messages: messages.map(({ role, content }) => ({ role, content })) });
    expect(await send({ messages, files: [{ deep: [] }], features: {} })).toEqual({
      ...plain,
      ignored: "messages[].parts, messages[].mood, files, features",
    });
  });

  test("is named in the headers of streams and errors", async () => {
    const stream = await post(app, chat, { messages: sort, files: 1, stream: true });
    expect([stream.status, stream.headers.get(header)]).toEqual([200, "files"]);
    await stream.text();
    const refused = await post(app, chat, { files: 1, temperature: -1, messages: sort });
    expect([refused.status, refused.headers.get(header)]).toEqual([400, "files"]);
  });

  test("fits a header, whatever its name", async () => {
    const names = Array.from({ length: 1000 }, (_, index) => [`field${index}`, 1] as const);
    const { status, ignored } = await send({ messages: sort, ...Object.fromEntries(names) });
    expect(status).toBe(200);
    expect(ignored).toMatch(/^field0, field1, .*field31, 968 others$/);
    const odd = { "a\r\nset-cookie: b": 1, ä: 1, [`${"x".repeat(65)}`]: 1, plain: 1 };
    expect((await send({ messages: sort, ...odd })).ignored).toBe("plain, 3 others");
  });

  test("may have the name of a property of Object.prototype", async () => {
    const body =
      '{"messages":[{"role":"user","content":"a"}],"__proto__":{"n":2},"constructor":1,"toString":1}';
    const answer = await post(app, chat, body);
    expect(answer.headers.get(header)).toBe("__proto__, constructor, toString");
    expect((await answer.json()).choices).toHaveLength(1);
  });

  test("is rejected by a strict server with the known fields", async () => {
    const { status, error } = await send({ messages: sort, files: 1 }, strict);
    expect([status, error.code, error.param]).toEqual([400, "unknown_field", "files"]);
    expect(error.message).toMatch(
      /^Cannot read the request as it has no field 'files': it takes model, messages, /,
    );
    const inside = await send(inMessage({ mood: 1 }), strict);
    expect(inside.error.message).toMatch(/'messages\[0\]' has no field 'mood': it takes role, content$/);
  });

  test("is rejected under 'diffusion', which only this server has", async () => {
    const { status, error } = await send({ messages: sort, diffusion: { canvas: 8, speed: 1 } });
    expect([status, error.param]).toEqual([400, "diffusion.speed"]);
  });
});

test.each([
  [chat, { messages: sort, suffix: "a" }, "suffix"],
  [chat, { messages: sort, prompt: "a" }, "prompt"],
  [completions, { prompt: "a", messages: sort }, "messages"],
  ["/v1/infill", { segments: ["a", { length: 1 }], stop: "a" }, "stop"],
  ["/tokenize", { prompt: "a", temperature: 0 }, "temperature"],
])("a field of another endpoint is rejected: %s %j", async (path, body, param) => {
  const { status, error } = await send(body, app, path);
  expect([status, error.code, error.param]).toEqual([400, "unknown_field", param]);
});

describe("values of known fields that mean the same as an absent field", () => {
  test.each([
    ["top_k", -1],
    ["top_k", 0],
    ["stop", []],
    ["stream_options", { include_usage: true }],
    ["logprobs", false],
    ["temperature", null],
    ["model", null],
  ])("%s: %j", async (field, value) => {
    const plain = await send({ messages: sort });
    expect(await send({ messages: sort, [field]: value })).toEqual(plain);
  });

  test("seed: -1 is random for each request", async () => {
    const seeds = [];
    for (let run = 0; run < 3; run++) {
      await send({ messages: sort, seed: -1 });
      seeds.push(seen.at(-1)!.seed);
    }
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  test.each([{ suffix: "" }, { logprobs: false }, { best_of: 1 }, { n: 2, best_of: 2 }])(
    "in a completion: %j",
    async (fields) => {
      const n = { n: (fields as Json).n ?? 1 };
      const plain = await send({ prompt: "a", ...n }, app, completions);
      expect(await send({ prompt: "a", ...n, ...fields }, app, completions)).toEqual(plain);
    },
  );

  test("best_of above n is rejected", async () => {
    const { status, error } = await send({ prompt: "a", best_of: 2 }, app, completions);
    expect([status, error.param]).toEqual([400, "best_of"]);
  });
});

describe("fields with another name in the engine", () => {
  test("top_k, stop_token_ids and n_predict", async () => {
    const { request } = await send({ messages: sort, top_k: 5, stop_token_ids: [7], n_predict: 3 });
    expect(request).toMatchObject({ topK: 5, stopTokens: [7], maxTokens: 3 });
  });
  test.each([
    [{ top_k: 5, diffusion: { top_k: 6 } }, "top_k"],
    [{ stop_token_ids: [7], diffusion: { stop_tokens: [7] } }, "stop_token_ids"],
    [{ n_predict: 3, max_tokens: 4 }, "max_tokens"],
    [{ max_tokens: 4, n_predict: 3 }, "n_predict"],
  ])("conflict with the field they stand for: %j", async (fields, param) => {
    const { status, error } = await send({ messages: sort, ...fields });
    expect([status, error.code, error.param]).toEqual([400, "invalid_combination", param]);
  });
});

test("the model is optional with one model, and required with two", async () => {
  const body = JSON.stringify({ messages: messagesOf("a") });
  expect((await (await post(app, chat, body)).json()).model).toBe("tiny");
  const two = appOf(handle, {
    models: new Map([
      ["a", handle],
      ["b", handle],
    ]),
  });
  const answer = await post(two, chat, body);
  expect([answer.status, (await answer.json()).error.message]).toEqual([
    400,
    "Cannot read the request as 'model' must be one of a, b: found nothing",
  ]);
});
