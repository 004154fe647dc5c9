/**
 * Open-dCoder: a bidirectional Qwen2 body, in which a row predicts the next position. Its configuration is Qwen2's; only a
 * mask token, in the configuration or the tokenizer, distinguishes it from a causal model.
 * Source: github.com/pengzhangzhi/Open-dLLM.
 */
import { refuseDiffusionFields } from "./causal.ts";
import { shifted } from "./conventions.ts";
import { llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import { parallelPresets } from "./presets.ts";
import { qwen2Variant } from "./qwen.ts";

const mask = { texts: ["<M>", "[MASK]"], token: undefined };

const presets = parallelPresets({
  source: "Open-dLLM's own order, one token per step; its sampler without remasking",
  quality: { decoder: { name: "entropy", steps: 32 }, blockLength: 32 },
  official: {
    decoder: { name: "dreamSchedule", steps: 512, order: "entropy" },
    cache: { name: "none" },
    blockLength: null,
    earlyStop: false,
    confidenceFrom: "sampling",
  },
});

export const openDcoder: Family = {
  name: "Open-dCoder",
  architectures: ["Qwen2ForCausalLM"],
  modelTypes: ["qwen2"],
  fits: ({ config, hasToken }) =>
    !config.has("bd_size") && (config.token("mask_token_id") !== undefined || mask.texts.some(hasToken)),
  read: (config) => {
    refuseDiffusionFields(config, ["block_size", "block_length"]);
    return {
      body: llamaBody(config, qwen2Variant),
      names: llamaNames,
      ignore: [rotaryFrequencies],
      ...shifted,
      mask,
      turnEnds: ["<|im_end|>"],
      presets,
    };
  },
};
