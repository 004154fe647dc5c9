/** Engines in web workers whose script is the package's own: how plain data names their models, backends and decoders. */
import type { DiffusionError } from "../../src/core/index.ts";
import { startEngineWorker, type WebEngineOptions, workerFits } from "../../src/remote/index.ts";
import { equal, failure, type Suite } from "./suite.ts";

const names = ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"];
const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const leftmost = module(
  `export default { name: "leftmost", help: "", source: "", parameters: {}, commit({ open, token }, _, out) { out.commit(open[0], token[open[0]]); } }`,
);

const invalidOptions: readonly (readonly [options: object, code: string, message: string])[] = [
  [{ backend: "warp" }, "invalid-request", 'must be one of auto, webgpu, wasm, cpu: found "warp"'],
  [{ model: "tiny" }, "invalid-request", 'or an absolute address: found "tiny"'],
  [{ offline: true }, "invalid-request", "a web server cannot be read offline"],
  [{ model: {} }, "not-found", "config.json"],
  [{ model: () => "x" }, "invalid-request", "as its options must be plain data"],
  [{ window: 0 }, "invalid-request", "'window' must be a positive integer: found 0"],
  [{ signal: AbortSignal.abort("early") }, "aborted", "load the engine in a worker"],
];

/** @param make starts a worker with the package's script @param model the address of models/tiny */
export function workerSuite(make: () => Worker, model: string): Suite {
  const options: WebEngineOptions = { model, keep: false, backend: "cpu" };
  const cases = [
    {
      name: "files by their names are a model, and a module's URL names a decoder",
      run: async () => {
        const read = async (name: string) => [name, await (await fetch(model + name)).blob()] as const;
        const files = Object.fromEntries(await Promise.all(names.map(read)));
        const { engine } = await startEngineWorker(make(), {
          ...options,
          model: files,
          decoders: [leftmost],
        });
        const order: number[] = [];
        const request = { prompt: "sort 3 1 2", genLength: 8, blockLength: 8, earlyStop: false };
        for await (const event of engine.generate({ ...request, decoder: { name: "leftmost" } })) {
          if (event.type === "step") order.push(...event.positions);
        }
        const [first] = order;
        equal(
          order,
          [0, 1, 2, 3, 4, 5, 6, 7].map((index) => first! + index),
          "order",
        );
        await engine.dispose();
      },
    },
    {
      name: "the caller hears which backend was chosen, and why",
      run: async () => {
        const picks: (readonly string[])[] = [];
        const onPick = (backend: string, reason: string) => picks.push([backend, reason]);
        await (await startEngineWorker(make(), { ...options, onPick })).engine.dispose();
        // The adapter of the tests is one in software.
        await (await startEngineWorker(make(), { ...options, backend: "auto", onPick })).engine.dispose();
        equal(picks[0], ["cpu", "chosen by name"], "by name");
        equal([picks[1]?.[0], picks[1]?.[1]?.includes("software")], ["wasm", true], `auto: ${picks[1]}`);
        equal(picks.length, 2, "picks");
      },
    },
    {
      name: "sizes are compared before anything is loaded",
      run: async () => {
        const { backend, files, download, fits } = await workerFits(make(), options);
        equal([backend, files, download], ["cpu", ["model.safetensors"], undefined], "facts");
        const [stored, quantized] = (["none", "q8_0"] as const).map(
          (quantize) => fits.find((fit) => fit.options.quantize === quantize)!,
        );
        equal(quantized!.weightBytes < stored!.weightBytes / 3, true, "bytes of quantized weights");
        const kept = await workerFits(make(), { ...options, keep: true });
        equal(kept.download!.totalBytes > 1e6, true, `download of ${kept.download!.totalBytes} bytes`);
        const unknown = await failure(() => workerFits(make(), { ...options, backend: "warp" }));
        equal((unknown as DiffusionError).code, "invalid-request", "an unknown backend");
        const aborted = failure(() => workerFits(make(), { ...options, signal: AbortSignal.timeout(1) }));
        equal(((await aborted) as DiffusionError).code, "aborted", "an abort");
      },
    },
    {
      name: "pending calls of a worker that was ended reject",
      run: async () => {
        const { engine, terminate } = await startEngineWorker(make(), options);
        const pending = failure(() => engine.status());
        terminate();
        equal(((await pending) as DiffusionError).code, "disposed", "error");
      },
    },
    ...invalidOptions.map(([changed, code, message]) => ({
      name: `rejects ${message}`,
      run: async () => {
        const given = { ...options, ...changed } as WebEngineOptions;
        const error = await failure(() => startEngineWorker(make(), given));
        equal([(error as DiffusionError).code, error.message.includes(message)], [code, true], error.message);
      },
    })),
  ];
  return { name: "engine workers", cases };
}
