/** Plain Llama, Qwen2 and Qwen3: next-token models on the same core, as the baseline for the others. */
import type { ConfigReader } from "./configReader.ts";
import { causal } from "./conventions.ts";
import { type LlamaVariant, llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Evidence, Family, FamilyModel } from "./model.ts";
import type { Preset, Presets } from "./presets.ts";
import { qwen2Variant, qwen3Variant } from "./qwen.ts";

const oneByOne: Preset = { decoder: { name: "fixed", steps: 1 } };
const presets: Presets = {
  source:
    "published: one token at a time, from left to right; there is nothing to choose, and not measured here",
  settings: { quality: oneByOne, balanced: oneByOne, speed: oneByOne, official: oneByOne },
};

function read(config: ConfigReader, variant: LlamaVariant): FamilyModel {
  return {
    body: llamaBody(config, variant),
    names: llamaNames,
    ignore: [rotaryFrequencies],
    ...causal,
    // No position sees what is not generated yet, so any token that the model never writes may stand there.
    mask: { texts: [], token: "unused" },
    turnEnds: ["<|im_end|>", "<|eot_id|>"],
    presets,
  };
}

const fits = ({ config }: Evidence) => !config.has("bd_size");

export const qwen2: Family = {
  name: "Qwen2 (causal)",
  architectures: ["Qwen2ForCausalLM"],
  modelTypes: ["qwen2"],
  fits,
  read: (config) => read(config, qwen2Variant),
};
export const qwen3: Family = {
  name: "Qwen3 (causal)",
  architectures: ["Qwen3ForCausalLM"],
  modelTypes: ["qwen3"],
  fits,
  read: (config) => read(config, qwen3Variant),
};
export const llama: Family = {
  name: "Llama (causal)",
  architectures: ["LlamaForCausalLM"],
  modelTypes: ["llama"],
  fits,
  read: (config) => read(config, { qkvBias: false, queryKeyNorm: false }),
};
