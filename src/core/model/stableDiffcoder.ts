/**
 * Stable-DiffCoder: a block-causal Llama body with blocks on the absolute grid. Its configuration is Llama's and names neither
 * the mask token nor the block length; both are defaults of `generate_block` in its class.
 * Source: github.com/ByteDance-Seed/Stable-DiffCoder and the published modelling file.
 */
import { blockCausal } from "./conventions.ts";
import { llamaBody, llamaNames, llamaVariant, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import { blockPresets } from "./presets.ts";

const threshold = 0.95;

export const stableDiffcoder: Family = {
  name: "Stable-DiffCoder",
  architectures: ["StableDiffcoderForCausalLM"],
  modelTypes: [],
  read: (config) => {
    const conventions = blockCausal(config, ["block_size", "block_length"], 4);
    return {
      body: llamaBody(config, llamaVariant),
      names: llamaNames,
      ignore: [rotaryFrequencies],
      ...conventions,
      mask: { texts: ["<[MASK▁TOKEN]>", "<[MASK_TOKEN]>"], token: 5 },
      turnEnds: [],
      presets: blockPresets(conventions.maskBlock, {
        source: "Stable-DiffCoder's own sampler, one token per step and at its threshold",
        threshold,
        official: {
          decoder: { name: "thresholdTopN", threshold },
          cache: { name: "block" },
          genLength: 128,
          trimLastBlock: true,
          earlyStop: false,
        },
      }),
    };
  },
};
