/** The start and the end of connections: nothing hangs, and pending calls reject with the reason. */
import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DiffusionError, type EngineHandle } from "../../src/core/index.ts";
import { Deferred } from "../../src/remote/deferred.ts";
import {
  connectEngine,
  type Loading,
  type Port,
  type PortTarget,
  serveEngine,
} from "../../src/remote/index.ts";
import { protocolVersion } from "../../src/remote/messages.ts";
import { collect, connected, progressOf, ScriptedPort, scriptedEngine, settle } from "./ports.ts";

const { info } = scriptedEngine();
const hello = { type: "hello", version: protocolVersion };
const greeting = { type: "info", version: protocolVersion, info };

/** An engine whose generations yield once, and then wait for their signal. */
function stuckEngine(): EngineHandle & { readonly signals: AbortSignal[]; readonly disposals: number } {
  const signals: AbortSignal[] = [];
  const engine = scriptedEngine({
    async *generate(_request, { signal } = {}) {
      signals.push(signal!);
      yield progressOf(0);
      await new Promise((resolve) => signal!.addEventListener("abort", resolve));
      throw new DiffusionError("aborted", "Cannot go on", { cause: signal!.reason });
    },
    status: () => new Promise(() => {}),
  });
  return Object.assign(engine, { signals });
}

/** A caller that is connected to the test, with pending calls and a pending stream. */
async function waitingCaller() {
  const port = new ScriptedPort();
  const connecting = connectEngine(port);
  port.listener!.onMessage(greeting);
  const engine = await connecting;
  const stream = engine.generate({});
  const next = stream.next();
  port.listener!.onMessage({ type: "event", id: 0, event: progressOf(0) });
  await next;
  const failures = Promise.all(
    [stream.next(), engine.status(), engine.dispose()].map((each) => each.catch((error) => error)),
  );
  return { port, engine, failures };
}

const invalidMessages: readonly unknown[] = [
  undefined,
  null,
  7,
  "hello",
  [],
  {},
  { type: "toString" },
  { type: "more" },
  { type: "bye" },
  { type: "bye", why: { kind: "error" } },
  { type: "bye", why: { kind: "text", value: 1 } },
  { type: "call", id: -1, method: "status", args: [] },
  { type: "call", id: 1, method: "constructor", args: [] },
  { type: "generate", id: 1, window: 0 },
  { type: "event", id: 99, event: {} },
  { type: "result", id: 1.5 },
];

describe("an invalid message", () => {
  test.each(invalidMessages)("%j ends the connection for the caller", async (message) => {
    const { port, engine, failures } = await waitingCaller();
    port.listener!.onMessage(message);
    const expected = {
      code: "io",
      message: expect.stringContaining("a message between caller and engine is not valid: found"),
    };
    expect(await failures).toMatchObject([expected, expected, expected]);
    await expect(engine.tokenize("x")).rejects.toMatchObject(expected);
    expect(port.posted.at(-1)).toMatchObject({ type: "bye", why: { kind: "error" } });
    expect(port.closed).toBe(true);
  });

  test.each(invalidMessages)("%j ends the connection for the engine", async (message) => {
    const port = new ScriptedPort();
    const engine = stuckEngine();
    const served = serveEngine(port, engine);
    await settle();
    port.listener!.onMessage({ type: "generate", id: 0, request: {}, window: 3 });
    await settle();
    port.listener!.onMessage(message);
    expect(engine.signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await served).toMatchObject({ code: "io", message: expect.stringContaining("is not valid") });
    expect(port.posted.at(-1)).toMatchObject({ type: "bye", why: { kind: "error" } });
    expect([port.closed, engine.disposals]).toEqual([true, 0]);
  });

  test("of any kind ends the connection on both sides", async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (message) => {
        const { port, failures } = await waitingCaller();
        port.listener!.onMessage(message);
        for (const failure of await failures)
          expect(failure).toMatchObject({ name: "DiffusionError", code: "io" });
        const other = new ScriptedPort();
        const served = serveEngine(other, scriptedEngine());
        other.listener!.onMessage(message);
        expect(await served).toMatchObject({ name: "DiffusionError", code: "io" });
      }),
      { numRuns: 200 },
    );
  });

  test("is a call before the engine is loaded", async () => {
    const port = new ScriptedPort();
    const served = serveEngine(port, () => new Promise(() => {}));
    port.listener!.onMessage({ type: "call", id: 0, method: "status", args: [] });
    await settle();
    expect(port.posted).toMatchObject([{ type: "bye", why: { error: { className: "DiffusionError" } } }]);
    expect(served).toBeInstanceOf(Promise);
  });

  test("is a greeting with another version", async () => {
    const port = new ScriptedPort();
    const connecting = connectEngine(port);
    port.listener!.onMessage({ ...greeting, version: protocolVersion + 1 });
    await expect(connecting).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(
        `version ${protocolVersion} of the protocol: found ${protocolVersion + 1}`,
      ),
    });
    const other = new ScriptedPort();
    const served = serveEngine(other, scriptedEngine());
    other.listener!.onMessage({ ...hello, version: protocolVersion + 1 });
    expect(await served).toMatchObject({ code: "unsupported" });
  });
});

describe("loading", () => {
  const ports = () => new MessageChannel();

  test("rejects with the error of the other side", async () => {
    const { port1, port2 } = ports();
    const failure = new DiffusionError("out-of-memory", "Cannot load", { cause: new RangeError("size") });
    const served = serveEngine(port1, () => Promise.reject(failure));
    await expect(connectEngine(port2)).rejects.toMatchObject({
      code: "out-of-memory",
      message: "Cannot load",
      cause: { message: "size" },
    });
    expect(await served).toBe(failure);
  });

  test("is aborted on the other side, and disposes an engine that is loaded nevertheless", async () => {
    const { port1, port2 } = ports();
    const engine = scriptedEngine();
    const loaded = new Deferred<EngineHandle>();
    const started = new Deferred<Loading>();
    const served = serveEngine(port1, (loading) => {
      started.resolve(loading);
      return loaded.promise;
    });
    const controller = new AbortController();
    const connecting = connectEngine(port2, { signal: controller.signal });
    const { signal } = await started.promise;
    controller.abort("late");
    await expect(connecting).rejects.toMatchObject({ code: "aborted", cause: "late" });
    await settle();
    expect(signal.aborted).toBe(true);
    loaded.resolve(engine);
    await served;
    expect(engine.disposals).toBe(1);
  });

  test.each(["caller", "engine"])(
    "the %s may listen first at a port that loses messages without a listener",
    async (first) => {
      const ends = [new ScriptedPort(), new ScriptedPort()] as const;
      const [near, far] = ends.map(
        (end, index): Port => ({
          listen: (listener) => end.listen(listener),
          close: () => end.close(),
          post: (message) => ends[1 - index]!.listener?.onMessage(structuredClone(message)),
        }),
      ) as [Port, Port];
      const engine = scriptedEngine({ detokenize: async () => "text" });
      const early = first === "caller" ? connectEngine(near) : undefined;
      void serveEngine(far, engine);
      await settle();
      const remote = await (early ?? connectEngine(near));
      expect(await remote.detokenize([1])).toBe("text");
    },
  );
});

describe("ends", () => {
  test.each<[string, unknown[], object]>([
    [
      "error",
      [new RangeError("heat")],
      { code: "io", message: /worker has failed/, cause: { message: "heat" } },
    ],
    ["exit", [3], { code: "io", message: /has ended: found code 3/ }],
    [
      "messageerror",
      [new Error("bytes")],
      { code: "io", message: /could not be read/, cause: { message: "bytes" } },
    ],
    ["close", [], { code: "disposed", message: /has been closed/ }],
  ])("'%s' of a port of Node", async (event, args, { message, ...expected }: { message?: RegExp }) => {
    const emitter = Object.assign(new EventEmitter(), { postMessage: () => {} });
    const connecting = connectEngine(emitter);
    emitter.emit("message", greeting);
    const engine = await connecting;
    const failures = Promise.all(
      [engine.status(), engine.generate({}).next()].map((each) => each.catch((error) => error)),
    );
    emitter.emit(event, ...args);
    for (const failure of await failures) {
      expect(failure).toMatchObject(expected);
      expect((failure as Error).message).toMatch(message!);
    }
    expect(emitter.eventNames()).toEqual([]);
  });

  test.each<[string, Event, object]>([
    [
      "error",
      Object.assign(new Event("error", { cancelable: true }), { message: "heat" }),
      { code: "io", cause: { message: "heat" } },
    ],
    ["messageerror", new Event("messageerror"), { code: "io" }],
    ["close", new Event("close"), { code: "disposed" }],
  ])("'%s' of a port of the web", async (type, event, expected) => {
    const target = Object.assign(new EventTarget(), { postMessage: () => {} });
    const connecting = connectEngine(target satisfies PortTarget);
    target.dispatchEvent(new MessageEvent("message", { data: greeting }));
    const engine = await connecting;
    const failures = Promise.all(
      [engine.status(), engine.generate({}).next()].map((each) => each.catch((error) => error)),
    );
    target.dispatchEvent(event);
    expect(await failures).toMatchObject([expected, expected]);
    // Otherwise Deno exits the process.
    expect(event.defaultPrevented).toBe(type === "error");
  });

  test("a caller that disconnects ends its own generations, and the engine stays available to others", async () => {
    const engine = stuckEngine();
    const [one, other] = [await connected(engine), await connected(engine)];
    const streams = [one, other].map((each) => each.engine.generate({}));
    for (const stream of streams) await stream.next();
    one.engine.disconnect("bored");
    await expect(streams[0]!.next()).rejects.toMatchObject({ code: "disposed", cause: "bored" });
    expect(await one.served).toBe(undefined);
    expect(engine.signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    other.ports.port2.close();
    expect(await other.served).toBe(undefined);
    expect(engine.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(engine.disposals).toBe(0);
  });

  test("a failed disposal rejects with its error and ends the connection", async () => {
    const failure = new DiffusionError("internal", "Cannot");
    const { engine, served } = await connected(scriptedEngine({ dispose: () => Promise.reject(failure) }));
    await expect(engine.dispose()).rejects.toMatchObject({ code: "internal" });
    expect(await served).toBe(undefined);
    await expect(engine.status()).rejects.toMatchObject({ code: "disposed" });
  });
});

test("the info of a remote engine has the replaced device", async () => {
  let device = "first";
  const engine = scriptedEngine({
    async *generate() {
      device = "second";
      yield { type: "recovered", attempt: 1, ms: 0 };
    },
    detokenize: async () => {
      device = "third";
      return "";
    },
  });
  Object.defineProperty(engine, "info", { get: () => ({ ...info, device }) });
  const remote = (await connected(engine)).engine;
  expect(remote.info.device).toBe("first");
  await collect(remote.generate({}));
  expect(remote.info.device).toBe("second");
  await remote.detokenize([]);
  expect(remote.info.device).toBe("third");
  await remote.dispose();
});
