/**
 * RND1: a bidirectional Qwen3-MoE body, in which a row predicts the next position. Every layer is a mixture of experts; the
 * fields of Qwen3-MoE for dense layers are ignored. Source: github.com/RadicalNumerics/RND1.
 */
import { shifted } from "./conventions.ts";
import { llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import { parallelPresets } from "./presets.ts";
import { qwen3Variant, qwenExperts } from "./qwen.ts";

export const rnd1: Family = {
  name: "RND1",
  architectures: ["RND1LM"],
  modelTypes: ["rnd1"],
  read: (config) => {
    config.only("norm_topk_prob", true);
    const experts = qwenExperts(config, true);
    const feedForward = Array.from({ length: config.boundedCount("num_hidden_layers") }, () => experts);
    return {
      body: llamaBody(config, { ...qwen3Variant, feedForward }),
      names: llamaNames,
      ignore: [rotaryFrequencies],
      ...shifted,
      mask: { texts: [], token: 151669 },
      turnEnds: [],
      presets: parallelPresets({
        source: "RND1's own order, one token per step; its sampler without noise on the scores",
        quality: { decoder: { name: "entropy", steps: 32 }, blockLength: 32 },
        official: {
          decoder: { name: "linearSchedule", steps: 256, order: "entropy", rounding: "kept" },
          cache: { name: "none" },
          endToken: "pad",
          earlyStop: false,
          genLength: 256,
          blockLength: null,
          temperature: 0.1,
          confidenceFrom: "sampling",
        },
      }),
    };
  },
};
