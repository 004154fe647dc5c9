/** The variants Qwen2 and Qwen3 of the Llama body, and the layers of Qwen3-MoE. */
import type { DenseFeedForward, ExpertsFeedForward } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { type LlamaVariant, mixture } from "./llama.ts";

/** Qwen2, with the defaults of transformers' Qwen2Config. */
export const qwen2Variant: LlamaVariant = {
  qkvBias: true,
  queryKeyNorm: false,
  defaults: { epsilon: 1e-6, ropeTheta: 10000, rotaryFraction: 1 },
};
/** Qwen3, with the defaults of transformers' Qwen3Config. */
export const qwen3Variant: LlamaVariant = {
  qkvBias: false,
  queryKeyNorm: true,
  defaults: { ...qwen2Variant.defaults, headDimension: 128 },
};

export function qwenExperts(config: ConfigReader, normalize: boolean): ExpertsFeedForward {
  config.only("shared_expert_intermediate_size", 0);
  return mixture(config, { intermediate: config.count("moe_intermediate_size"), routing: { normalize } });
}

/** The layers of Qwen3-MoE. Layers in `mlp_only_layers`, and layers that `decoder_sparse_step` skips, are dense. */
export function sparseLayers(config: ConfigReader): readonly (DenseFeedForward | ExpertsFeedForward)[] {
  const experts = qwenExperts(config, config.flag("norm_topk_prob", false));
  const step = config.count("decoder_sparse_step", 1);
  const dense = config.numbers("mlp_only_layers", []);
  return Array.from({ length: config.boundedCount("num_hidden_layers") }, (_, layer) => {
    if (!dense.includes(layer) && (layer + 1) % step === 0) return experts;
    return { kind: "dense", intermediate: config.count("intermediate_size") };
  });
}
