/**
 * Tiny-A2D: Qwen2, Qwen3 and Llama converted to diffusion models. Models with a `block_size` in config.json (bd3lm) are
 * block-causal, with blocks from the prompt's end on; the others (mdlm) are bidirectional.
 * Source: github.com/ZHZisZZ/dllm.
 */
import type { ConfigReader } from "./configReader.ts";
import { bidirectional, type Conventions } from "./conventions.ts";
import { type LlamaVariant, llamaBody, llamaNames, llamaVariant, rotaryFrequencies } from "./llama.ts";
import type { Family, FamilyModel } from "./model.ts";
import { blockPresets, parallelPresets } from "./presets.ts";
import { qwen2Variant, qwen3Variant } from "./qwen.ts";

function conventions(config: ConfigReader): Conventions {
  if (!config.has("block_size")) return bidirectional;
  return { ...bidirectional, maskBlock: config.count("block_size"), origin: "prompt" };
}

/** @param token the mask token of the published checkpoints, for files that name none */
function read(config: ConfigReader, variant: LlamaVariant, token: number | undefined): FamilyModel {
  const own = conventions(config);
  return {
    body: llamaBody(config, variant),
    names: llamaNames,
    ignore: [rotaryFrequencies],
    ...own,
    mask: { texts: ["<|mask|>"], token },
    turnEnds: ["<|im_end|>", "<|eot_id|>"],
    presets:
      own.maskBlock === Infinity
        ? parallelPresets({
            source: "the sampler of its authors (dllm), one token per step",
            quality: { decoder: { name: "fixed", steps: 128 }, blockLength: 128 },
            official: {
              decoder: { name: "linearSchedule", steps: 128 },
              cache: { name: "none" },
              genLength: 128,
              blockLength: 128,
              earlyStop: false,
            },
          })
        : blockPresets(own.maskBlock, {
            source:
              "the sampler of its authors (dllm), one token per step; the threshold of Fast-dLLM (arXiv 2505.22618)",
            threshold: 0.9,
            // 128 steps for 128 tokens, divided among the blocks.
            official: {
              decoder: { name: "linearSchedule", steps: own.maskBlock },
              cache: { name: "block" },
              genLength: 128,
              trimLastBlock: true,
            },
          }),
  };
}

export const a2dQwen2: Family = {
  name: "Tiny-A2D (Qwen2)",
  architectures: ["A2DQwen2LMHeadModel"],
  modelTypes: ["a2d-qwen2"],
  read: (config) => read(config, qwen2Variant, 151665),
};
export const a2dQwen3: Family = {
  name: "Tiny-A2D (Qwen3)",
  architectures: ["A2DQwen3LMHeadModel"],
  modelTypes: ["a2d-qwen3"],
  read: (config) => read(config, qwen3Variant, 151669),
};
export const a2dLlama: Family = {
  name: "Tiny-A2D (Llama)",
  architectures: ["A2DLlamaLMHeadModel"],
  modelTypes: ["a2d-llama"],
  read: (config) => read(config, llamaVariant, undefined),
};
