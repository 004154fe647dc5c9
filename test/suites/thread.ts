/** Engines in threads: their options, and the end of a thread. For Node and Deno. */
import type { DiffusionError, GenerateEvent } from "../../src/core/index.ts";
import type { EngineThreadOptions, startEngineThread } from "../../src/node.ts";
import { equal, failure, type Suite } from "./suite.ts";

/** A decoder that commits from left to right, and one that throws outside of any call, as a bug may. */
const leftmost = "commit({ open, token }, _, out) { out.commit(open[0], token[open[0]]); }";
const failing = `commit() { queueMicrotask(() => { throw new RangeError("heat"); }); }`;
const decoder = (name: string, commit: string) =>
  `{ name: "${name}", help: "", source: "", parameters: {}, ${commit} }`;
const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

const own = module(`export default ${decoder("leftmost", leftmost)}`);
const list = module(`export const decoders = [${decoder("a", leftmost)}, ${decoder("b", failing)}]`);

const invalidOptions: readonly (readonly [options: object, code: string, message: string])[] = [
  [{ backend: "warp" }, "invalid-request", 'must be one of auto, cuda, webgpu, wasm, cpu: found "warp"'],
  [{ model: "./no/such/folder" }, "not-found", "no/such/folder"],
  [{ model: "http://localhost:1/", offline: true }, "invalid-request", "offline"],
  [{ context: 100_000 }, "invalid-request", "'context' must be at most its"],
  [{ decodeLoop: "moon" }, "invalid-request", "moon"],
  [
    { decoders: ["own.mjs"] },
    "invalid-request",
    'its module must be a URL such as file:///folder/decoder.js: found "own.mjs"',
  ],
  [{ decoders: ["file:///no/such.mjs"] }, "invalid-request", "its module cannot be imported"],
  [
    { decoders: [module("export const other = 1")] },
    "invalid-request",
    "must export one as 'default', as 'decoders' or under its name",
  ],
  [
    { decoders: [module("export default [{}]")] },
    "invalid-request",
    "must be a decoder with a function 'commit': found {}",
  ],
  [{ model: () => "x" }, "invalid-request", "as its options must be plain data"],
  [{ window: 0 }, "invalid-request", "'window' must be a positive integer: found 0"],
  [{ signal: AbortSignal.abort("early") }, "aborted", "start a thread for the engine"],
];

export function threadSuite(start: typeof startEngineThread): Suite {
  const cases = [
    {
      name: "decoders are loaded by the URL of their module",
      run: async () => {
        const { engine } = await start({ backend: "cpu", decoders: [own, list] });
        const names = engine.info.decoders.slice(-3).map(({ name }) => name);
        equal(names, ["leftmost", "a", "b"], "decoders");
        const order: number[] = [];
        for await (const event of engine.generate({ ...request, decoder: { name: "leftmost" } })) {
          if (event.type === "step") order.push(...event.positions);
        }
        equal(
          order,
          [...order].sort((a, b) => a - b),
          "order",
        );
        equal(order.length, 8, "positions");
        await engine.dispose();
      },
    },
    {
      name: "a thread ends when its engine is disposed, and said which backend it has",
      run: async () => {
        const picks: (readonly string[])[] = [];
        const onPick = (backend: string, reason: string) => picks.push([backend, reason]);
        const { engine, exited } = await start({ backend: "cpu", onPick });
        equal(picks, [["cpu", "chosen by name"]], "picks");
        await engine.dispose();
        equal(await exited, { code: 0 }, "exit");
      },
    },
    {
      name: "a thread ends when its caller disconnects",
      run: async () => {
        const { engine, exited } = await start({ backend: "cpu" });
        engine.disconnect();
        equal(await exited, { code: 0 }, "exit");
      },
    },
    {
      name: "an uncaught error in a thread is the cause of the errors of all pending calls",
      run: async () => {
        const { engine, exited } = await start({ backend: "cpu", decoders: [list] });
        const error = await failure(() => drain(engine.generate({ ...request, decoder: { name: "b" } })));
        const cause = error.cause as Error;
        equal(
          [(error as DiffusionError).code, cause.name, cause.message],
          ["io", "RangeError", "heat"],
          "error",
        );
        const { code, error: thrown } = await exited;
        equal([code, (thrown as Error).message], [1, "heat"], "exit");
      },
    },
    {
      name: "an uncaught error during loading is the cause of the error of loading",
      run: async () => {
        const decoders = [
          module('setTimeout(() => { throw new Error("heat"); }); await new Promise(() => {});'),
        ];
        const error = await failure(() => start({ backend: "cpu", decoders }));
        equal([(error as DiffusionError).code, (error.cause as Error).message], ["io", "heat"], "error");
      },
    },
    ...invalidOptions.map(([options, code, message]) => ({
      name: `rejects ${message}`,
      run: async () => {
        const error = await failure(() => start({ backend: "cpu", ...options } as EngineThreadOptions));
        equal([(error as DiffusionError).code, error.message.includes(message)], [code, true], error.message);
      },
    })),
  ];
  return { name: "engine threads", cases };
}

const request = { prompt: "sort 3 1 2", genLength: 8, blockLength: 8, earlyStop: false };

async function drain(events: AsyncIterable<GenerateEvent>): Promise<void> {
  for await (const _ of events);
}
