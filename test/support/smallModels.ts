/** Small checkpoints of public models, which tests of the loader modify. */
import { cpu } from "../../src/backends/cpu/index.ts";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { Engine, type ModelSource } from "../../src/core/index.ts";
import { readModel } from "../../src/core/model/index.ts";
import { Tokenizer } from "../../src/core/text/index.ts";
import { memory } from "../../src/sources/memory.ts";
import { generator } from "../suites/conformance/random.ts";
import type { Config } from "./layouts.ts";
import { publishedModels, small } from "./publishedModels.ts";
import { safetensors, type TestTensor } from "./safetensors.ts";
import { randomTensors } from "./smallCheckpoint.ts";

export interface Small {
  readonly config: Config;
  readonly generation?: Config;
  /** The texts of the tokens from 40. */
  readonly special?: readonly string[];
  readonly tokenizerConfig?: Config;
  readonly tensors: readonly TestTensor[];
  /** Additional files. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A small checkpoint of a public model. */
export function smallOf(id: string): Small {
  const published = publishedModels.find((model) => model.id === id)!;
  const config = small(published);
  return { config, tensors: randomTensors(published.layout(config), generator(5)) };
}

export function sourceOf({ config, generation, special, tokenizerConfig, tensors, more }: Small) {
  const vocab = Object.fromEntries(Array.from({ length: 40 }, (_, id) => [String.fromCharCode(48 + id), id]));
  const added = special?.map((content, i) => ({ id: 40 + i, content, special: true, normalized: false }));
  const tokenizer = {
    decoder: { type: "Fuse" },
    added_tokens: added,
    model: { type: "BPE", vocab, merges: [] },
  };
  return memory({
    "config.json": JSON.stringify(config),
    "model.safetensors": safetensors(tensors),
    ...(generation && { "generation_config.json": JSON.stringify(generation) }),
    ...(special && { "tokenizer.json": JSON.stringify(tokenizer) }),
    ...(tokenizerConfig && { "tokenizer_config.json": JSON.stringify(tokenizerConfig) }),
    ...more,
  });
}

/** A tokenizer with one added token, `<|mask|>`. */
export const tokenizerWith = (id: number) =>
  Tokenizer.fromFiles({
    tokenizer: {
      decoder: { type: "Fuse" },
      added_tokens: [{ id, content: "<|mask|>", special: true, normalized: false }],
      model: { type: "BPE", vocab: { a: 0 }, merges: [] },
    },
  });

/** Reads the files of a model, with the headers of its weights only. */
export const read = (model: Small) => readModelFiles(sourceOf(model));

/** The logits of a few tokens, on the CPU. */
export const logitsOf = (model: Small) => logitsOfSource(sourceOf(model));

/** As `logitsOf`. */
export async function logitsOfSource(source: ModelSource): Promise<readonly Float32Array[]> {
  const engine = await Engine.load(source, { backend: cpu() });
  const rows = await engine.logits([3, 1, 4, 1, 5]);
  await engine.dispose();
  return rows;
}

/** The model that config.json describes, without tensors. */
export const modelOf = (config: Config) => readModel({ config, tensors: new Set(), same: async () => false });
export const familyOf = async (config: Config) => (await modelOf(config)).family;

export const configOf = (id: string) => smallOf(id).config;
export const without = (config: Config, ...fields: readonly string[]) =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !fields.includes(name)));

/** A model for each variant of body and conventions. */
export const ids = {
  llada: "GSAI-ML/LLaDA-8B-Instruct",
  lladaMoe: "inclusionAI/LLaDA-MoE-7B-A1B-Instruct",
  llada2: "inclusionAI/LLaDA2.0-mini",
  sdar: "JetLM/SDAR-4B-Chat",
  sdarMoe: "JetLM/SDAR-30B-A3B-Chat",
  fast: "Efficient-Large-Model/Fast_dLLM_v2_7B",
  qwen2: "Qwen/Qwen2.5-0.5B-Instruct",
  qwen3: "Qwen/Qwen3-0.6B",
  llama: "HuggingFaceTB/SmolLM2-135M",
  llama32: "meta-llama/Llama-3.2-1B",
  stableDiffcoder: "ByteDance-Seed/Stable-DiffCoder-8B-Instruct",
  dream: "Dream-org/Dream-v0-Instruct-7B",
  rnd1: "radicalnumerics/RND1-Base-0910",
} as const;
