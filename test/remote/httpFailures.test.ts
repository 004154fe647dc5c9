/** Servers that fail, are busy, are lost or are others: each has a clear error. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { DiffusionError, type GenerateEvent } from "../../src/core/index.ts";
import { EngineServer, HttpError } from "../../src/remote/index.ts";
import { requireKey } from "../../src/server/keys.ts";
import { scripted } from "../server/support/scripted.ts";
import { appOf, model } from "../server/support/tiny.ts";

const serverOf = (fetch: (request: Request) => Response | Promise<Response>, key?: string) =>
  new EngineServer("http://here.test/", { fetch, ...(key !== undefined && { key }) });

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  );

async function read(events: AsyncIterable<GenerateEvent>) {
  const types: string[] = [];
  try {
    for await (const event of events) types.push(event.type);
  } catch (error) {
    return { types, error: error as DiffusionError };
  }
  return { types, error: undefined };
}

describe("a generation that fails on the server", () => {
  test("keeps its events, its code and its message", async () => {
    const { handle } = scripted({
      beforeEvent: (index) => {
        if (index === 2) throw new DiffusionError("numeric", "Cannot go on as a logit is NaN");
      },
    });
    const engine = await serverOf((request) => appOf(handle).fetch(request)).engine(model);
    const { types, error } = await read(engine.generate({ prompt: "a" }));
    expect(types).toEqual(["start", "step"]);
    expect(error).toMatchObject({ code: "numeric", message: "Cannot go on as a logit is NaN" });
    expect(error!.cause).toBeInstanceOf(HttpError);
  });

  test("is not complete when the connection ends early", async () => {
    const { handle } = scripted();
    const app = appOf(handle);
    const cut = async (request: Request) => {
      const response = await app.fetch(request);
      if (!request.url.endsWith("/generate")) return response;
      return new Response((await response.text()).replace(/data: \[DONE\]\s*$/, ""), response);
    };
    const engine = await serverOf(cut).engine(model);
    const { types, error } = await read(engine.generate({ prompt: "a" }));
    expect(types.at(-1)).toBe("done");
    expect(error).toMatchObject({ code: "io", message: expect.stringContaining("before its last event") });
  });
});

test("a server that goes away ends the generation, and one that comes back serves the same handle", async () => {
  let release = () => {};
  const waiting = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { handle } = scripted({ beforeEvent: (index) => (index === 2 ? waiting : undefined) });
  const app = appOf(handle);
  const node = createServer(async (incoming, outgoing) => {
    const body = await new Response(incoming as unknown as ReadableStream).arrayBuffer();
    const url = `http://${incoming.headers.host}${incoming.url}`;
    const init = { method: incoming.method!, ...(body.byteLength > 0 && { body }) };
    const response = await app.fetch(new Request(url, init));
    outgoing.writeHead(response.status, [...response.headers].flat());
    for await (const part of response.body ?? []) outgoing.write(part);
    outgoing.end();
  });
  const start = (port: number) => new Promise<void>((resolve) => node.listen(port, "127.0.0.1", resolve));
  await start(0);
  const { port } = node.address() as AddressInfo;
  const engine = await new EngineServer(`http://127.0.0.1:${port}`).engine(model);
  const reading = read(
    (async function* () {
      for await (const event of engine.generate({ prompt: "a" })) {
        yield event;
        if (event.type === "step") {
          node.closeAllConnections();
          await new Promise((resolve) => node.close(resolve));
        }
      }
    })(),
  );
  const { types, error } = await reading;
  expect([types, error!.code]).toEqual([["start", "step"], "io"]);
  expect(await failureOf(engine.status())).toMatchObject({
    code: "io",
    message: expect.stringContaining(`Cannot continue with the server at http://127.0.0.1:${port}/`),
  });
  release();
  await start(port);
  expect((await read(engine.generate({ prompt: "a" }))).types.at(-1)).toBe("done");
  node.closeAllConnections();
  node.close();
});

test("a server with keys refuses a caller without one", async () => {
  const { handle } = scripted();
  const app = appOf(handle, { before: [requireKey(["right"])] });
  const fetch = (request: Request) => app.fetch(request);
  for (const key of [undefined, "wrong"]) {
    const error = (await failureOf(serverOf(fetch, key).models())) as DiffusionError;
    expect([error.code, (error.cause as HttpError).status]).toEqual(["invalid-request", 401]);
  }
  const engine = await serverOf(fetch, "right").engine(model);
  expect((await read(engine.generate({ prompt: "a" }))).error).toBeUndefined();
});

test("names of models may contain slashes and other characters", async () => {
  const { handle } = scripted();
  const { createApp } = await import("../../src/server/index.ts");
  const app = createApp({ models: new Map([["owner/a model", handle]]) });
  const engine = await serverOf((request) => app.fetch(request)).engine("owner/a model");
  expect(engine.info.family).toBe("scripted");
  expect(await engine.detokenize([97])).toBe("a");
});

test("a probability of zero has a logarithm", async () => {
  const logprobs = [{ logprob: -0.5, top: [{ token: 3, logprob: Number.NEGATIVE_INFINITY }] }];
  const plain = scripted();
  const events = [...(await collectAll(plain.handle.generate({ prompt: "a" })))];
  const step = events.findIndex(({ type }) => type === "step");
  const changed = events.map((event, index) => (index === step ? { ...event, logprobs } : event));
  const { handle } = scripted({ events: () => changed as GenerateEvent[] });
  const engine = await serverOf((request) => appOf(handle).fetch(request)).engine(model);
  expect(await collectAll(engine.generate({ prompt: "a" }))).toEqual(changed);
});

test.each([
  ["a busy one", () => busy(), "io", /concurrent/],
  ["a proxy", () => new Response("<h1>Bad gateway</h1>", { status: 502 }), "io", /found status 502/],
  ["a page", () => new Response("<h1>Hello</h1>"), "io", /must be JSON: found "<h1>Hello<\/h1>"/],
  [
    "another API",
    () => Response.json({ data: [{ id: "gpt" }] }),
    "unsupported",
    /found model 'gpt' of another/,
  ],
  ["a missing one", () => new Response("no", { status: 404 }), "not-found", /found status 404/],
])("%s is not usable", async (_, answer, code, message) => {
  const error = (await failureOf(serverOf(answer).models())) as DiffusionError;
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
});

function busy(): Response {
  const error = { message: "Cannot accept the request: 256 concurrent requests", code: "too_many_requests" };
  return Response.json({ error: { ...error, type: "rate_limit_error", param: null } }, { status: 429 });
}

test.each(["", "localhost:8000", "ftp://a.test", "http://", "http://user:word@a.test", "http://a.test/?a=b"])(
  "'%s' is no address",
  (address) => {
    expect(() => new EngineServer(address)).toThrow(/its address must be like http:\/\/host:8000/);
  },
);

test.each([
  ["http://a.test", "http://a.test/"],
  ["https://a.test:8443/models//", "https://a.test:8443/models/"],
  ["http://a.test/#top", "http://a.test/"],
])("the address '%s' is the folder '%s'", (address, folder) => {
  expect(new EngineServer(address).address).toBe(folder);
});

test.each(["", "two words", "clé"])("'%s' is no key", (key) => {
  expect(() => new EngineServer("http://a.test", { key })).toThrow(/its API key must be printable ASCII/);
});

test("a server that does not listen is named, with the system's reason", async () => {
  const node = createServer();
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  const { port } = node.address() as AddressInfo;
  await new Promise((resolve) => node.close(resolve));
  const error = (await failureOf(new EngineServer(`http://127.0.0.1:${port}`).models())) as DiffusionError;
  expect(error.code).toBe("io");
  expect(error.message).toMatch(new RegExp(`server at http://127\\.0\\.0\\.1:${port}/ .*ECONNREFUSED`));
});

async function collectAll(events: AsyncIterable<GenerateEvent>): Promise<readonly GenerateEvent[]> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
