/**
 * Dream, Dream-Coder and DiffuCoder: a bidirectional Qwen2 body, in which a row predicts the next position.
 * Source: arXiv 2508.15487, 2509.01142, 2506.20639 and the published modelling files.
 */
import { shifted } from "./conventions.ts";
import { llamaBody, llamaNames, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import { parallelPresets } from "./presets.ts";
import { qwen2Variant } from "./qwen.ts";

export const dream: Family = {
  name: "Dream",
  architectures: ["DreamModel"],
  modelTypes: ["Dream"],
  read: (config) => ({
    body: llamaBody(config, qwen2Variant),
    names: llamaNames,
    ignore: [rotaryFrequencies],
    ...shifted,
    mask: { texts: ["<|mask|>"], token: 151666 },
    turnEnds: ["<|im_end|>"],
    presets: parallelPresets({
      source:
        "Dream's own order (arXiv 2508.15487), one token per step; the sampler settings of its model cards",
      quality: { decoder: { name: "entropy", steps: 32 }, blockLength: 32 },
      official: {
        decoder: { name: "dreamSchedule", steps: 512, order: "entropy" },
        cache: { name: "none" },
        genLength: 512,
        blockLength: null,
        earlyStop: false,
        temperature: 0.2,
        topP: 0.95,
        confidenceFrom: "sampling",
      },
    }),
  }),
};
