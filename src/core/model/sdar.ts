/**
 * SDAR and TraDo: block-causal Qwen3 and Qwen3-MoE bodies. Source: arXiv 2510.06303 and the published modelling files.
 */
import type { Body } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { blockCausal } from "./conventions.ts";
import { llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Family, FamilyModel } from "./model.ts";
import { blockPresets } from "./presets.ts";
import { qwen3Variant, sparseLayers } from "./qwen.ts";

function read(config: ConfigReader, body: Body): FamilyModel {
  const conventions = blockCausal(config, ["block_size"], 4);
  return {
    body,
    names: llamaNames,
    ignore: [rotaryFrequencies],
    ...conventions,
    mask: { texts: ["<|MASK|>"], token: 151669 },
    turnEnds: ["<|im_end|>"],
    presets: blockPresets(conventions.maskBlock, {
      source: "SDAR's own sampler (arXiv 2510.06303), one token per step and at its threshold",
      threshold: 0.85,
      official: {
        decoder: { name: "quota", steps: conventions.maskBlock, threshold: 0.85 },
        cache: { name: "block" },
        genLength: 128,
        earlyStop: false,
        temperature: 1,
        confidenceFrom: "sampling",
      },
    }),
  };
}

export const sdar: Family = {
  name: "SDAR",
  architectures: ["SDARForCausalLM"],
  modelTypes: ["sdar"],
  read: (config) => read(config, llamaBody(config, qwen3Variant)),
};
export const sdarMoe: Family = {
  name: "SDAR-MoE",
  architectures: ["SDARMoeForCausalLM"],
  modelTypes: ["sdar_moe"],
  read: (config) => read(config, llamaBody(config, { ...qwen3Variant, feedForward: sparseLayers(config) })),
};
