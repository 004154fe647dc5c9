/**
 * Tiny-A2D: Qwen2 and Qwen3 turned into diffusion models, without a mask (mdlm) or block-causal with blocks that start at
 * the prompt's end (bd3lm), which a `block_size` in config.json tells apart. Source: github.com/ZHZisZZ/dllm.
 */
import type { ConfigReader } from "./configReader.ts";
import { bidirectional, type Conventions } from "./conventions.ts";
import { llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Family, FamilyModel } from "./model.ts";
import { blockPresets, parallelPresets } from "./presets.ts";
import { qwen2Variant, qwen3Variant } from "./qwen.ts";

function conventions(config: ConfigReader): Conventions {
  if (!config.has("block_size")) return bidirectional;
  return { ...bidirectional, maskBlock: config.count("block_size"), origin: "prompt" };
}

function read(config: ConfigReader, qwen: 2 | 3): FamilyModel {
  const kept = conventions(config);
  return {
    body: llamaBody(config, qwen === 2 ? qwen2Variant : qwen3Variant),
    names: llamaNames,
    ignore: [rotaryFrequencies],
    ...kept,
    mask: { texts: ["<|mask|>"], token: qwen === 2 ? 151665 : 151669 },
    turnEnds: ["<|im_end|>"],
    presets:
      kept.maskBlock === Infinity
        ? parallelPresets({
            source: "the sampler of its authors (dllm), one token a step",
            quality: { decoder: { name: "fixed", steps: 128 }, blockLength: 128 },
            official: {
              ...{ decoder: { name: "linearSchedule", steps: 128 }, cache: { name: "none" } },
              ...{ genLength: 128, blockLength: 128, earlyStop: false },
            },
          })
        : blockPresets(kept.maskBlock, {
            source:
              "the sampler of its authors (dllm), one token a step; the threshold of Fast-dLLM (arXiv 2505.22618)",
            threshold: 0.9,
            // 128 steps for 128 tokens, divided among the blocks.
            official: {
              decoder: { name: "linearSchedule", steps: kept.maskBlock },
              ...{ cache: { name: "block" }, genLength: 128, cut: true },
            },
          }),
  };
}

export const a2dQwen2: Family = {
  name: "Tiny-A2D (Qwen2)",
  architectures: ["A2DQwen2LMHeadModel"],
  modelTypes: ["a2d-qwen2"],
  read: (config) => read(config, 2),
};
export const a2dQwen3: Family = {
  name: "Tiny-A2D (Qwen3)",
  architectures: ["A2DQwen3LMHeadModel"],
  modelTypes: ["a2d-qwen3"],
  read: (config) => read(config, 3),
};
