/** GGUF files as llama.cpp's converter writes them give the logits of the checkpoints that they were made of. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type ModelSource } from "../../src/core/index.ts";
import { memory } from "../../src/sources/memory.ts";
import type { LogitsFile } from "../suites/oracleFiles.ts";
import type { GgufEntry } from "../support/ggufBytes.ts";
import { type LlamaCppArchitecture, llamaCppFile } from "../support/llamaCppFile.ts";
import { filesOf, filesOnDisk } from "../support/surroundings.ts";

const models: Readonly<Record<string, LlamaCppArchitecture>> = {
  llada: "llada",
  "llada-gqa-tied": "llada",
  "llada-moe": "llada-moe",
  dream: "dream",
  "qwen3-causal": "qwen3",
  rnd1: "rnd1",
};
const hashes: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("../fixtures/gguf/hashes.json", import.meta.url), "utf8"),
);

async function logitsOf(source: ModelSource, ids: readonly number[]) {
  const engine = await Engine.load(source, { backend: cpu() });
  const logits = await engine.logits(ids);
  const { architecture, maskToken, stopTokens, shift, maskBlock } = engine.model;
  await engine.dispose();
  return { logits, architecture, facts: { maskToken, stopTokens, shift, maskBlock } };
}

test("models/tiny in bf16, its answers included", async () => {
  const { tinyModel } = filesOnDisk;
  const bytes = await llamaCppFile(tinyModel, "llada-moe");
  const ids = [2, 83, 80, 3, ...Array(16).fill(1)];
  const [expected, found] = [
    await logitsOf(tinyModel, ids),
    await logitsOf(memory({ "model.gguf": bytes }), ids),
  ];
  expect(found).toEqual(expected);
});

test.each([
  // Whether attention is causal and logits are shifted decide the family of a body.
  ["dream", [], "Dream"],
  ["dream", [["diffusion.shift_logits", "bool", false]], "Tiny-A2D (Qwen2)"],
  ["qwen2", [["qwen2.attention.causal", "bool", false]], "Dream"],
  ["qwen2", [], "Open-dCoder"],
] as const)("%s with %j is %s", async (architecture, extra, family) => {
  const bytes = await llamaCppFile(filesOnDisk.model("dream"), architecture, extra);
  expect((await Engine.plan(memory({ "x.gguf": bytes }))).model.family).toBe(family);
});

test.each([
  ["llada", [["diffusion.shift_logits", "bool", true]], "no shifted family has: found llada"],
  ["llada", [["llada.attention.causal", "bool", true]], "no causal family has"],
  ["llada", [["llada.rope.scaling.type", "string", "longrope"]], "'llada.rope.scaling.type'"],
  [
    "dream",
    [["dream.rope.scaling.type", "string", "longrope"]],
    "'dream.rope.scaling.type' in the metadata of",
  ],
  [
    "dream",
    [["dream.attention.sliding_window", "u32", 64]],
    "'dream.attention.sliding_window' in the metadata of",
  ],
  ["dream", [["general.architecture", "string", "gemma"]], "must be one of llada, llada-moe, dream"],
  ["dream", [["dream.attention.head_count", "string", "four"]], "no valid 'dream.attention.head_count'"],
  ["dream", [["tokenizer.ggml.mask_token_id", "u32", 121]], "must not be an end-of-sequence token"],
] as const)("%s with %j is refused", async (architecture, extra, message) => {
  const bytes = await llamaCppFile(filesOnDisk.model(architecture), architecture, extra);
  await expect(Engine.plan(memory({ "x.gguf": bytes }))).rejects.toThrow(message);
});

test("several files, and a part of a file, are refused with their names", async () => {
  const bytes = new Uint8Array(64);
  await expect(Engine.plan(memory({ "a.gguf": bytes, "b.gguf": bytes }))).rejects.toThrow(
    'one must be named: found "a.gguf", "b.gguf"',
  );
  await expect(Engine.plan(memory({ "a-00001-of-00002.gguf": bytes }))).rejects.toThrow("llama-gguf-split");
});

test.each(Object.entries(models))(
  "%s: the bytes of llama.cpp's own package, the logits of the checkpoint",
  async (name, architecture) => {
    const directory = filesOnDisk.model(name);
    const bytes = await llamaCppFile(directory, architecture);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(hashes[name]);
    const { cases } = await filesOnDisk.json<LogitsFile>(`models/${name}/logits.json`);
    const { ids } = cases[0]!;
    const [expected, found] = [
      await logitsOf(directory, ids),
      await logitsOf(memory({ "model.gguf": bytes }), ids),
    ];
    expect(found).toEqual(expected);
  },
);

test("scaled rotary positions are those of a config.json", async () => {
  const scaling: readonly GgufEntry[] = [
    ["dream.rope.scaling.type", "string", "yarn"],
    ["dream.rope.scaling.factor", "f32", 4.3],
    ["dream.rope.scaling.original_context_length", "u32", 64],
  ];
  const bytes = await llamaCppFile(filesOnDisk.model("dream"), "dream", scaling);
  const { model } = await Engine.plan(memory({ "x.gguf": bytes }));
  const files = await filesOf(filesOnDisk.model("dream"));
  const config = JSON.parse(new TextDecoder().decode(files["config.json"]));
  const rope_scaling = { rope_type: "yarn", factor: 4.3, original_max_position_embeddings: 64 };
  const scaled = { ...files, "config.json": JSON.stringify({ ...config, rope_scaling }) };
  expect(model.architecture).toEqual((await Engine.plan(memory(scaled))).model.architecture);
});
