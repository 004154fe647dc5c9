/** Conversion keeps the logits, bit for bit, and everything else that the files of a model say. */
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { convertModel, Engine, type ModelSource } from "../../src/core/index.ts";
import { quantizedDTypes } from "../../src/core/tensor/index.ts";
import { oracleModels } from "../suites/logits.ts";
import { converted, MemoryOutput } from "../support/memoryOutput.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const ids = [3, 17, 90, 120, 120, 41, 120, 120];

async function logitsOf(source: ModelSource, quantize: "none" | "q8_0" = "none") {
  const engine = await Engine.load(source, { backend: cpu(), quantize });
  const logits = await engine.logits(ids);
  await engine.dispose();
  return logits;
}

/** What a model's files say, apart from names of tensors and types of weights. */
async function factsOf(source: ModelSource) {
  const { model, text } = await readModelFiles(source);
  const { architecture, family, maskToken, stopTokens, padToken, defaults, presets, maskBlock, shift } =
    model;
  const words = text?.tokenizer.encode("reverse river stone!");
  const facts = {
    architecture,
    family,
    maskToken,
    stopTokens,
    padToken,
    defaults,
    presets,
    maskBlock,
    shift,
    words,
  };
  return { ...facts, template: text?.template?.source };
}

const unlikeLlamaCpp = "llada2";

describe.each(oracleModels.filter((name) => name !== unlikeLlamaCpp))("%s", (name) => {
  const source = filesOnDisk.model(name);

  test("to GGUF, and from there to safetensors", async () => {
    const gguf = await converted(source, { to: "gguf" });
    const back = await converted(gguf, { to: "safetensors" });
    const again = await converted(gguf, { to: "gguf" });
    const [logits, facts] = [await logitsOf(source), await factsOf(source)];
    for (const each of [gguf, back, again]) {
      expect(await logitsOf(each)).toEqual(logits);
      expect(await factsOf(each)).toEqual(facts);
    }
  });
});

describe.each(oracleModels)("%s", (name) => {
  const source = filesOnDisk.model(name);

  test("to safetensors, quantized: the logits of quantization while loading", async () => {
    const small = await converted(source, { to: "safetensors", quantize: "q8_0" });
    expect(await logitsOf(small)).toEqual(await logitsOf(source, "q8_0"));
    expect(await factsOf(small)).toEqual(await factsOf(source));
  });
});

test("a body that llama.cpp lacks is refused for GGUF", async () => {
  await expect(converted(filesOnDisk.model(unlikeLlamaCpp), { to: "gguf" })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("llama.cpp has no architecture with its body"),
  });
});

describe("models/tiny", () => {
  const source = filesOnDisk.tinyModel;

  test.each(quantizedDTypes)("as %s in both formats", async (quantize) => {
    const plan = await Engine.plan(source, { quantize: quantize });
    for (const to of ["gguf", "safetensors"] as const) {
      const file = await converted(source, { to, quantize });
      const found = await Engine.plan(file);
      // In GGUF the routers of four layers, of eight experts each, are in f32 and not in bf16.
      const routers = to === "gguf" ? 2 * 4 * 8 * 128 : 0;
      expect(found.storedWeightBytes).toBe(plan.storedWeightBytes + routers);
      expect(await factsOf(file)).toEqual(await factsOf(source));
    }
  });

  test("a quantized model answers", async () => {
    const engine = await Engine.load(await converted(source, { to: "gguf", quantize: "q4_0" }), {
      backend: cpu(),
    });
    const answer = [];
    for await (const event of engine.generate({
      messages: [{ role: "user", content: "reverse river stone" }],
    }))
      if (event.type === "done") answer.push(event.text);
    expect(answer).toEqual(["stone river"]);
    await engine.dispose();
  });

  test("reports progress and sizes", async () => {
    const output = new MemoryOutput();
    const progress: (readonly [number, number])[] = [];
    const result = await convertModel(source, output, {
      to: "gguf",
      quantize: "q8_0",
      onProgress: (...each) => progress.push(each),
    });
    expect(result.bytes).toBe(output.files.get("model.gguf")!.length);
    expect([...result.byType.keys()]).toEqual(["q8_0", "f32"]);
    expect(progress[0]![0]).toBe(0);
    expect(progress.at(-1)![0]).toBe(progress.at(-1)![1]);
  });

  test("a failing output fails the conversion; so does an abort", async () => {
    const full = { write: async () => Promise.reject(new Error("disk full")) };
    await expect(convertModel(source, full, { to: "gguf" })).rejects.toThrow("disk full");
    const signal = AbortSignal.abort();
    await expect(convertModel(source, new MemoryOutput(), { to: "gguf", signal })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
