/**
 * LLaDA2.0 and 2.1: a block-causal body with query, key and value in one tensor, rotary positions on a part of each head,
 * and a mixture of experts with sigmoid scores, groups and one shared expert.
 * Source: arXiv 2512.15745, 2602.08676 and the published modelling files.
 */
import type { Body, DenseFeedForward, ExpertsFeedForward, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { blockCausal } from "./conventions.ts";
import { expertNames, llamaBody, llamaNames, mixture, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import type { Presets } from "./presets.ts";

const names: TensorNames = {
  ...llamaNames,
  embedding: "model.word_embeddings.weight",
  layer: (index) => {
    const at = (name: string) => `model.layers.${index}.${name}`;
    return {
      attentionNorm: at("input_layernorm.weight"),
      qkv: at("attention.query_key_value.weight"),
      queryNorm: at("attention.query_layernorm.weight"),
      keyNorm: at("attention.key_layernorm.weight"),
      output: at("attention.dense.weight"),
      feedForwardNorm: at("post_attention_layernorm.weight"),
      ...expertNames(at("mlp")),
    };
  },
};

function body(config: ConfigReader): Body {
  for (const field of ["use_qkv_bias", "norm_head", "norm_softmax", "using_split_qkv_in_self_attention"])
    config.only(field, false);
  for (const field of ["use_qk_norm", "use_rmsnorm"]) config.only(field, true);
  config.only("num_nextn_predict_layers", 0);
  return llamaBody(config, { qkvBias: false, queryKeyNorm: true, defaults: {}, feedForward: layers(config) });
}

function layers(config: ConfigReader): readonly (DenseFeedForward | ExpertsFeedForward)[] {
  config.only("score_function", "sigmoid");
  // Checkpoints store several shared experts as one wide expert, whose shape differs from the routed experts.
  config.only("num_shared_experts", 0, 1);
  const intermediate = config.count("moe_intermediate_size");
  config.only("moe_shared_expert_intermediate_size", intermediate);
  // The reference ignores this field: it renormalises unless a token has only one expert.
  config.only("norm_topk_prob", true);
  const groups = config.count("n_group");
  const topGroups = config.count("topk_group");
  const experts = mixture(config, {
    intermediate,
    bias: config.flag("moe_router_enable_expert_bias", true),
    routing: {
      score: "sigmoid",
      groups,
      topGroups,
      normalize: config.count("num_experts_per_tok") > 1,
      scale: config.positive("routed_scaling_factor"),
      shared: config.nonNegativeInteger("num_shared_experts") === 1 ? 1 : 0,
    },
  });
  if (experts.experts % groups !== 0 || topGroups > groups) {
    throw config.fail(
      `must have 'num_experts' divisible by 'n_group', and 'topk_group' up to 'n_group': found ${experts.experts}, ${groups} and ${topGroups}`,
    );
  }
  const candidates = (experts.experts / groups) * topGroups;
  if (experts.topK > candidates) {
    throw config.fail(
      `must have 'num_experts_per_tok' up to the ${candidates} experts of its 'topk_group' groups: found ${experts.topK}`,
    );
  }
  const dense = config.nonNegativeInteger("first_k_dense_replace");
  return Array.from({ length: config.boundedCount("num_hidden_layers") }, (_, layer) =>
    layer < dense ? { kind: "dense", intermediate: config.count("intermediate_size") } : experts,
  );
}

const presets: Presets = {
  source:
    "published: LLaDA2.0's own sampler (arXiv 2512.15745), one token per step and at its threshold; speed at the threshold of Fast-dLLM (arXiv 2505.22618); not measured here",
  settings: {
    quality: { decoder: { name: "fixed", steps: 32 } },
    balanced: { decoder: { name: "thresholdTopN", threshold: 0.95 } },
    speed: { decoder: { name: "thresholdTopN", threshold: 0.9 } },
    official: {
      decoder: { name: "quota", steps: 32, threshold: 0.95 },
      cache: { name: "block" },
      genLength: 2048,
      confidenceFrom: "sampling",
    },
  },
};

export const llada2: Family = {
  name: "LLaDA2",
  architectures: ["LLaDA2MoeModelLM"],
  modelTypes: ["llada2_moe"],
  shape: ({ config }) => config.has("first_k_dense_replace") && config.has("topk_group"),
  read: (config) => ({
    body: body(config),
    names,
    ignore: [rotaryFrequencies],
    ...blockCausal(config, ["block_length", "block_size"], 32),
    mask: { texts: ["<|mask|>"], token: 156895 },
    turnEnds: ["<|role_end|>"],
    presets,
  }),
};
