/** An engine on a server behaves like an engine in process: in process with the server's app, and through a port. */
import { afterAll, describe, expect, test } from "vitest";
import {
  type DiffusionError,
  type EngineHandle,
  type GenerateEvent,
  type GenerateRequest,
  traceHeader,
} from "../../src/core/index.ts";
import { EngineServer, type HttpEngine } from "../../src/remote/index.ts";
import { type Listening, listen } from "../../src/server/listen.ts";
import { appOf, eventually, loadTiny, model } from "../server/support/tiny.ts";
import { comparableEvents } from "../support/comparableEvents.ts";

const tiny = await loadTiny();
const app = appOf(tiny);
let listening: Listening | undefined;
afterAll(async () => {
  await listening?.drain(0);
  await tiny.dispose();
});

const limits = { host: "127.0.0.1", port: 0, requestSeconds: 30, stallSeconds: 30 };
const ways: readonly (readonly [string, () => Promise<EngineServer>])[] = [
  [
    "in process",
    async () => new EngineServer("http://here.test", { fetch: (request) => app.fetch(request) }),
  ],
  [
    "through a port",
    async () => {
      listening ??= await listen(app.fetch, limits);
      return new EngineServer(listening.url);
    },
  ],
];

const messages = [{ role: "user", content: "reverse river stone cloud" }];
const requests: readonly GenerateRequest[] = [
  { messages },
  { messages, guesses: true, topLogprobs: 2, decoder: { name: "fixed", steps: 4 }, genLength: 16 },
  { prompt: "sort 3 1 2", genLength: 16, blockLength: 8, cache: { name: "dual" }, stop: ["2"] },
  { prompt: "x", genLength: 16, temperature: 0.8, seed: 3, decoder: { name: "fixed", steps: 4 } },
  { tokens: [5, 6, 7], decoder: { name: "threshold" }, genLength: 8, blockLength: null, smoothing: {} },
  { messages, infill: ["cloud ", { length: 5 }, [3, 4], { minimum: 1, maximum: 3 }] },
  { messages, draft: { text: "cloud stone river", remaskFraction: 0.5 }, genLength: 24 },
];
/** Many steps, so that it does not end by itself before it is left. */
const slow: GenerateRequest = {
  messages,
  genLength: 64,
  decoder: { name: "fixed", steps: 64 },
  earlyStop: false,
};

async function collect(events: AsyncIterable<GenerateEvent>): Promise<readonly GenerateEvent[]> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function failureOf(work: Promise<unknown>): Promise<DiffusionError> {
  return work.then(
    () => Promise.reject(new Error("It must fail")),
    (error) => error,
  );
}

describe.each(ways)("%s", (_, open) => {
  let engine: HttpEngine;
  const opened = async () => {
    engine ??= await (await open()).engine(model);
    return engine;
  };

  test("the server lists its models, and the engine has all its properties", async () => {
    const { family, parameters, context, device } = tiny.info;
    expect(await (await open()).models()).toEqual([{ name: model, family, parameters, context, device }]);
    expect((await opened()).info).toEqual(tiny.info);
    for (const request of requests)
      expect(traceHeader(await opened(), request)).toEqual(traceHeader(tiny, request));
  });

  test.each(requests)("the same events: %j", async (request) => {
    const [found, expected] = [
      await collect((await opened()).generate(request)),
      await collect(tiny.generate(request)),
    ];
    expect(comparableEvents(found)).toEqual(comparableEvents(expected));
    expect(found.at(-1)!.type).toBe("done");
  });

  test("the same tokens and texts", async () => {
    const text = "reverse river stone<|mask|>";
    const calls = async (handle: EngineHandle) => {
      const tokens = await handle.tokenize(text);
      return [
        tokens,
        await handle.tokenize(text, { special: "parse" }),
        await handle.tokenize(messages),
        await handle.detokenize(tokens),
        await handle.tokenTexts(tokens),
        (await handle.status()).active,
      ];
    };
    expect(await calls(await opened())).toEqual(await calls(tiny));
  });

  test("errors keep their codes", async () => {
    const handle = await opened();
    const run = (request: unknown) => failureOf(collect(handle.generate(request as GenerateRequest)));
    const cases: readonly (readonly [Promise<DiffusionError>, string, RegExp])[] = [
      [run({ messages, genLength: 100_000 }), "context-exceeded", /the context has 512 positions/],
      [run({ messages, genLength: -1 }), "invalid-request", /'request.genLength' must be an integer/],
      [run({ messages, stop: Array(17).fill("a") }), "invalid-request", /'request.stop' must be an array of/],
      [run({ messages, mood: 1 }), "invalid-request", /'request' has no field 'mood'/],
      [run({}), "invalid-request", /exactly one of 'messages', 'prompt' and 'tokens'/],
      [run({ prompt: "\u{10ffff}" }), "text", /./],
      [
        run({ messages, deadlineMs: Infinity }),
        "invalid-request",
        /'deadlineMs' must be finite: found Infinity/,
      ],
      [run({ messages, infill: [() => {}] }), "invalid-request", /must be plain data: found a function/],
      [failureOf(handle.tokenize("abc", { maxTokens: 2 })), "context-exceeded", /at most 2 tokens: found 3/],
      [failureOf(handle.detokenize([-1])), "invalid-request", /'tokens\[0\]' must be an integer/],
      [failureOf(handle.logits()), "unsupported", /the HTTP API does not have them/],
      [failureOf((await open()).engine("other")), "not-found", /Unknown model "other"/],
    ];
    for (const [failing, code, message] of cases) {
      const error = await failing;
      expect([error.name, error.code, error.message]).toEqual([
        "DiffusionError",
        code,
        expect.stringMatching(message),
      ]);
    }
  });

  test("a signal ends the generation on the server, and so does leaving the loop", async () => {
    const handle = await opened();
    const controller = new AbortController();
    const reason = new RangeError("enough");
    const error = await failureOf(
      (async () => {
        for await (const event of handle.generate(slow, { signal: controller.signal }))
          if (event.type === "step") controller.abort(reason);
      })(),
    );
    expect([error.code, error.cause]).toEqual(["aborted", reason]);
    for await (const event of handle.generate(slow)) if (event.type === "step") break;
    await eventually(async () => (await tiny.status()).active).toBe(0);
    const late = await failureOf(collect(handle.generate(slow, { signal: controller.signal })));
    expect([late.code, late.cause]).toEqual(["aborted", reason]);
  });

  test("disposing ends the calls of the handle, and not the engine", async () => {
    const handle = await (await open()).engine(model);
    const events = handle.generate(slow);
    await events.next();
    await Promise.all([handle.dispose(), handle.dispose()]);
    const failing = [collect(events), collect(handle.generate(slow)), handle.tokenize("x"), handle.status()];
    for (const error of await Promise.all(failing.map(failureOf))) expect(error.code).toBe("disposed");
    expect(await (await opened()).detokenize([88, 84])).toBe("so");
  });
});
