/** Causal Llama, Qwen2 and Qwen3: next-token models on the same core, as the baseline for diffusion models. */
import { DiffusionError } from "../error.ts";
import type { ConfigReader } from "./configReader.ts";
import { causal } from "./conventions.ts";
import { type LlamaVariant, llamaBody, llamaNames, llamaVariant, rotaryFrequencies } from "./llama.ts";
import { declaredNames, type Family, type FamilyModel } from "./model.ts";
import type { Preset, Presets } from "./presets.ts";
import { qwen2Variant, qwen3Variant } from "./qwen.ts";

const oneByOne: Preset = { decoder: { name: "fixed", steps: 1 } };
const presets: Presets = {
  source: "published: one token at a time, from left to right, without options; not measured here",
  settings: { quality: oneByOne, balanced: oneByOne, speed: oneByOne, official: oneByOne },
};

/** Fields of diffusion models, without a meaning for causal models. */
const diffusionFields = ["mask_token_id", "mask_id", "block_size", "bd_size", "block_length"];

/**
 * Refuses a configuration with a causal architecture and a field of diffusion models. Some diffusion checkpoints were saved
 * under the name of the causal model that they were made from; read as causal models they would answer wrongly.
 */
export function refuseDiffusionFields(config: ConfigReader, fields = diffusionFields): void {
  const isSet = (name: string) =>
    name.startsWith("mask") ? config.token(name) !== undefined : config.has(name);
  const field = fields.find(isSet);
  if (field === undefined) return;
  const message = `Cannot load the model as config.json names a causal architecture and has '${field}', which only a diffusion model has: name the model's own class in 'architectures', or remove '${field}' if the model is causal`;
  throw new DiffusionError("unsupported", `${message}: found ${declaredNames(config).join(", ")}`);
}

function read(config: ConfigReader, variant: LlamaVariant): FamilyModel {
  refuseDiffusionFields(config);
  return {
    body: llamaBody(config, variant),
    names: llamaNames,
    ignore: [rotaryFrequencies],
    ...causal,
    // No position sees the positions behind it, so any token that the model never generates can fill them.
    mask: { texts: [], token: "unused" },
    turnEnds: ["<|im_end|>", "<|eot_id|>"],
    presets,
  };
}

export const qwen2: Family = {
  name: "Qwen2 (causal)",
  architectures: ["Qwen2ForCausalLM"],
  modelTypes: ["qwen2"],
  // Fast-dLLM v2 has also been published under this name.
  fits: ({ config }) => !config.has("bd_size"),
  read: (config) => read(config, qwen2Variant),
};
export const qwen3: Family = {
  name: "Qwen3 (causal)",
  architectures: ["Qwen3ForCausalLM"],
  modelTypes: ["qwen3"],
  read: (config) => read(config, qwen3Variant),
};
export const llama: Family = {
  name: "Llama (causal)",
  architectures: ["LlamaForCausalLM"],
  modelTypes: ["llama"],
  read: (config) => read(config, llamaVariant),
};
