/** A model that takes several memories of WebAssembly gives the bits that it gives in one. */
import { type WasmOptions, wasm } from "../../src/backends/wasm/index.ts";
import { Engine, type ModelSource, type Quantization } from "../../src/core/index.ts";
import { oracleModels } from "./logits.ts";
import { runToEnd } from "./run.ts";
import { equal, type Files, failure, type Suite } from "./suite.ts";

/** Less than a small model with its keys and values, and more than any of its nodes. */
const severalMemories: WasmOptions = { threads: 2, maxStoredBytes: 1_200_000 };

const ids = Array.from({ length: 45 }, (_, index) => (index * 7) % 90);

export function memoriesSuite({ model, tinyModel }: Files): Suite {
  const bits = (name: string, source: ModelSource, quantize: Quantization = "none") => ({
    name: `${name}: the bits of the logits, ${quantize}`,
    run: async () => {
      const [expected, found] = [await logits(source, quantize, {}), await logits(source, quantize)];
      for (const [row, values] of expected.entries())
        equal([...found[row]!], [...values], `row ${row} of the logits`);
    },
  });
  const cases = [
    ...oracleModels.map((name) => bits(name, model(name))),
    bits("tiny", tinyModel),
    bits("tiny", tinyModel, "q8_0"),
    { name: "the events of a generation, with soft embeddings", run: () => sameGeneration(tinyModel) },
    { name: "a node that is larger than a memory", run: () => tooLarge(tinyModel) },
  ];
  return { name: "several memories", cases };
}

/** The keys and values of one context of models/tiny, so that a layer has room in a memory. */
const positions = { cachePositions: 512 };

async function logits(
  source: ModelSource,
  quantize: Quantization,
  options: WasmOptions = severalMemories,
): Promise<readonly Float32Array[]> {
  const engine = await Engine.load(source, { backend: wasm(options), quantize, ...positions });
  try {
    // The second pass has keys and values of the first one below it.
    await engine.logits(ids.toReversed());
    return await engine.logits(ids);
  } finally {
    await engine.dispose();
  }
}

async function sameGeneration(source: ModelSource): Promise<void> {
  const run = async (options: WasmOptions) => {
    const engine = await Engine.load(source, { backend: wasm(options), ...positions });
    const messages = [{ role: "user", content: "reverse river stone cloud" }] as const;
    const { steps } = await runToEnd(engine, { messages, smoothing: {}, topLogprobs: 2 });
    await engine.dispose();
    return steps.map(({ positions, tokens, logprobs }) => ({ positions, tokens, logprobs }));
  };
  equal(await run(severalMemories), await run({}), "the steps");
}

async function tooLarge(source: ModelSource): Promise<void> {
  const backend = wasm({ maxStoredBytes: 300_000 });
  const { message } = await failure(() => Engine.load(source, { backend, cachePositions: 64, context: 64 }));
  equal(
    message,
    "Cannot load the model as 'layers.0.expertsUp' with its weights takes 524288 bytes, and the device holds at most 300000 in one piece; the size of 'layers.0.expertsUp' with its weights is fixed: use another device or a smaller model",
    "the error",
  );
}
