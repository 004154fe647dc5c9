/**
 * LLaDA-MoE: a bidirectional Llama body with per-head query and key norms and a softmax top-k mixture of experts, whose
 * weights are not renormalised. Source: arXiv 2509.24389 and the published modelling files.
 */
import type { Body, ExpertsFeedForward, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { bidirectional } from "./conventions.ts";
import { llamaBody, llamaNames, mixture, rotaryFrequencies } from "./llama.ts";
import type { Family } from "./model.ts";
import type { Presets } from "./presets.ts";

/** The router's bias is stored beside its projection, not within it. */
const names: TensorNames = {
  ...llamaNames,
  layer: (index) => ({ ...llamaNames.layer(index), routerBias: `model.layers.${index}.mlp.expert_bias` }),
};

function body(config: ConfigReader): Body {
  config.only("norm_topk_prob", false);
  config.only("shared_expert_intermediate_size", 0);
  config.only("partial_rotary_factor", 1);
  config.only("moe_router_score_function", "softmax");
  config.only("routed_scaling_factor", 1);
  for (const field of ["router_num_group", "router_topk_group"]) config.only(field, 0, 1);
  return llamaBody(config, {
    qkvBias: false,
    queryKeyNorm: config.flag("qk_layernorm"),
    defaults: { rotaryFraction: 1 },
    feedForward: layers(config),
  });
}

function layers(config: ConfigReader): Body["feedForward"] {
  const count = config.boundedCount("num_hidden_layers");
  const frequency = config.numbers("moe_layer_freq", Array(count).fill(1));
  if (frequency.length !== count) {
    throw config.fail(`must have ${count} entries in 'moe_layer_freq': found ${frequency.length}`);
  }
  const experts: ExpertsFeedForward = mixture(config, {
    intermediate: config.count("expert_intermediate_size"),
    bias: config.flag("moe_router_enable_expert_bias", false),
  });
  return frequency.map((value) =>
    value === 1 ? experts : { kind: "dense", intermediate: config.count("dense_intermediate_size") },
  );
}

const cache = { name: "vicinity", left: 16, right: 16, warmup: 4 };
const presets: Presets = {
  source:
    "published: LLaDA-MoE's own sampler (one token per step), dInfer (arXiv 2510.08666), its benchmark settings; not measured here",
  settings: {
    quality: { decoder: { name: "fixed", steps: 32 }, blockLength: 32 },
    balanced: { decoder: { name: "threshold", threshold: 0.8 }, cache, smoothing: {}, blockLength: 64 },
    speed: {
      decoder: { name: "hierarchical", threshold: 0.92, low: 0.62 },
      cache,
      smoothing: {},
      blockLength: 64,
    },
    official: {
      decoder: { name: "fixed", steps: 32 },
      cache: { name: "none" },
      genLength: 128,
      blockLength: 32,
      earlyStop: false,
    },
  },
};

export const lladaMoe: Family = {
  name: "LLaDA-MoE",
  architectures: ["LLaDAMoEModelLM"],
  modelTypes: ["lladamoe", "llada"],
  fits: ({ config }) => config.has("num_experts"),
  shape: ({ config }) => config.has("expert_intermediate_size"),
  read: (config) => ({
    body: body(config),
    names,
    ignore: [rotaryFrequencies],
    ...bidirectional,
    mask: { texts: ["<|mask|>"], token: 156895 },
    turnEnds: ["<|role_end|>"],
    presets,
  }),
};
