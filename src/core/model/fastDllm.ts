/**
 * Fast-dLLM v2: a block-causal Qwen2 body. A row predicts the next position, and the pass over a finished block predicts the
 * first token of the next block. Source: arXiv 2509.26328 and the published modelling files.
 */
import { blockCausal } from "./conventions.ts";
import { llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import type { Presets } from "./presets.ts";
import { qwen2Variant } from "./qwen.ts";

const decoder = { name: "thresholdTopN", threshold: 0.9 };
const presets: Presets = {
  source:
    "published: Fast-dLLM v2's own sampler (arXiv 2509.26328), one token per step, with the settings of its README, and with its cache; not measured here",
  settings: {
    quality: { decoder: { ...decoder, threshold: 1 } },
    balanced: { decoder, subBlockLength: 8 },
    speed: { decoder, cache: { name: "subBlock" }, subBlockLength: 8 },
    official: { decoder: { ...decoder, threshold: 1 }, cache: { name: "block" }, subBlockLength: 8 },
  },
};

export const fastDllm: Family = {
  name: "Fast-dLLM v2",
  architectures: ["Fast_dLLM_QwenForCausalLM"],
  modelTypes: ["Fast_dLLM_Qwen"],
  shape: ({ config }) => config.has("bd_size"),
  read: (config) => {
    const conventions = blockCausal(config, ["bd_size"], 32);
    return {
      body: llamaBody(config, qwen2Variant),
      names: llamaNames,
      ignore: [rotaryFrequencies],
      ...conventions,
      shift: 1,
      seeded: true,
      mask: { texts: ["|<MASK>|"], token: 151665 },
      turnEnds: ["<|im_end|>"],
      presets,
    };
  },
};
