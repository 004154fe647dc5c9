/** An engine behind a port behaves like an engine in process, for every kind of port and worker. */
import {
  type DiffusionError,
  type DiffusionErrorCode,
  type EngineHandle,
  type GenerateEvent,
  type GenerateRequest,
  type LogitsOptions,
  traceHeader,
} from "../../src/core/index.ts";
import type { ConnectOptions, RemoteEngine } from "../../src/remote/index.ts";
import { comparableEvents } from "../support/comparableEvents.ts";
import { equal, failure, type Suite, type Surroundings, sharedEngine } from "./suite.ts";

export interface RemoteSide {
  /** The handle of an engine with models/tiny. */
  readonly engine: RemoteEngine;
  /** Ends the other side at once. */
  kill(): unknown;
}
export interface RemoteSides {
  /** Creates another side, which loads the engine for this connection. */
  start(options: ConnectOptions): Promise<RemoteSide>;
  /** The error code of pending calls when the other side is killed. */
  readonly killed: DiffusionErrorCode;
}

const requests: readonly GenerateRequest[] = [
  { messages: [{ role: "user", content: "reverse river stone cloud" }] },
  { prompt: "sort 3 1 2", genLength: 16, blockLength: 8, cache: { name: "dual" } },
  { prompt: "x", genLength: 16, temperature: 0.8, seed: 3, decoder: { name: "fixed", steps: 4 } },
];
/** A request with many events: with a window of one, the stream cannot end before it is read completely. */
const slow: GenerateRequest = { prompt: "sort 3 1 2", genLength: 16, decoder: { name: "fixed", steps: 16 } };
const invalidRequests: readonly GenerateRequest[] = [
  { prompt: "x", genLength: -1 },
  { prompt: "x", genLength: 100_000 },
  { prompt: "\u{10ffff}" },
  {},
];
const invalidLogits: readonly (readonly [readonly number[], LogitsOptions?])[] = [
  [[]],
  [[-1]],
  [[0.5]],
  [[1_000_000]],
  ["abc" as unknown as number[]],
  [[1], { maskBlock: 0 }],
  [[1], { origin: -1 }],
];

export function remoteSuite(name: string, surroundings: Surroundings, { start, killed }: RemoteSides): Suite {
  const local = sharedEngine(surroundings, surroundings.tinyModel);
  /** A case with the same result for both engines. */
  const same = (what: string, work: (engine: EngineHandle) => Promise<unknown>) => ({
    name: what,
    run: async () => {
      const { engine } = await start({});
      equal(await work(engine), await work(await local.load()), what);
      await engine.dispose();
    },
  });
  const cases = [
    same("several generations at a time", (engine) =>
      Promise.all(requests.map(async (request) => comparableEvents(await collect(engine.generate(request))))),
    ),
    same("the other calls", async (engine) => {
      const text = "reverse river stone<|mask|>";
      const messages = [{ role: "user", content: text }] as const;
      const tokens = await engine.tokenize(text);
      return [
        engine.info,
        [tokens, await engine.tokenize(text, { special: "parse" }), await engine.tokenize(messages)],
        [await engine.detokenize(tokens), await engine.tokenTexts(tokens)],
      ];
    }),
    same("the header of a trace", async (engine) => requests.map((request) => traceHeader(engine, request))),
    same("its sizes and Plans", (engine) => engine.plan()),
    same("raw logits", async (engine) => {
      const causal = await engine.logits([1, 2, 3], { maskBlock: 1 });
      return [...causal, ...(await engine.logits([1, 2, 3]))].map((row) => [...row]);
    }),
    same("errors of invalid requests", async (engine) => {
      const failures = invalidRequests.map((request) => failure(() => collect(engine.generate(request))));
      const errors = [
        ...(await Promise.all(failures)),
        await failure(() => engine.detokenize([-1])),
        ...(await Promise.all(invalidLogits.map((args) => failure(() => engine.logits(...args))))),
      ];
      return errors.map((error) => [error.name, codeOf(error), error.message, String(error.cause)]);
    }),
    {
      name: "a signal ends a generation, leaving the loop ends another, and the engine continues",
      run: async () => {
        const { engine } = await start({ window: 1 });
        const controller = new AbortController();
        const reason = new RangeError("enough");
        const error = await failure(async () => {
          for await (const event of engine.generate(slow, { signal: controller.signal })) {
            if (event.type === "step") controller.abort(reason);
          }
        });
        equal([(error as DiffusionError).code, error.cause === reason], ["aborted", true], "error");
        for await (const event of engine.generate(slow)) if (event.type === "step") break;
        while ((await engine.status()).active > 0) await rest();
        const found = comparableEvents(await collect(engine.generate(requests[1]!)));
        equal(
          found,
          comparableEvents(await collect((await local.load()).generate(requests[1]!))),
          "afterwards",
        );
        await engine.dispose();
      },
    },
    {
      name: "loading reports its progress, and can be aborted",
      run: async () => {
        const bytes: (readonly number[])[] = [];
        const onProgress: NonNullable<ConnectOptions["onProgress"]> = ({ loadedBytes, totalBytes }) =>
          bytes.push([loadedBytes, totalBytes]);
        await (await start({ onProgress })).engine.dispose();
        const total = bytes[0]?.[1];
        equal(total !== undefined && total > 3_000_000 && bytes.length > 1, true, "progress");
        equal(bytes.at(-1), [total, total], "the last of it");
        const controller = new AbortController();
        const loading = start({ signal: controller.signal, onProgress: () => controller.abort("late") });
        const error = (await failure(() => loading)) as DiffusionError;
        equal([error.code, error.cause], ["aborted", "late"], "error");
      },
    },
    {
      name: "disposing rejects pending and later calls",
      run: async () => {
        const { engine } = await start({ window: 1 });
        const events = engine.generate(slow);
        await events.next();
        await Promise.all([engine.dispose(), engine.dispose()]);
        const errors = [
          await failure(() => collect(events)),
          await failure(() => collect(engine.generate(slow))),
          await failure(() => engine.tokenize("x")),
        ];
        equal(errors.map(codeOf), ["disposed", "disposed", "disposed"], "codes");
        await engine.dispose();
      },
    },
    {
      name: `all calls reject with '${killed}' when the other side is killed`,
      run: async () => {
        const { engine, kill } = await start({ window: 1 });
        const events = [engine.generate(slow), engine.generate(slow)];
        for (const each of events) await each.next();
        const waiting = events.map((each) => failure(() => collect(each)));
        await kill();
        const errors = await Promise.all([...waiting, failure(() => engine.status())]);
        equal(errors.map(codeOf), [killed, killed, killed], "codes");
        await engine.dispose();
      },
    },
  ];
  return { name: `engine behind a port: ${name}`, cases, end: local.end };
}

const codeOf = (error: Error) => (error as DiffusionError).code;
const rest = () => new Promise((resolve) => setTimeout(resolve, 1));

async function collect(events: AsyncIterable<GenerateEvent>): Promise<readonly GenerateEvent[]> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
