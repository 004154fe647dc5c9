/**
 * LLaDA-MoE: a Llama body with per-head query and key norms and a softmax top-k mixture of experts, without a
 * mask. Source: arXiv 2509.24389 and the published modelling files. Expert weights are not renormalised.
 */
import type { Architecture, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { type Family, kinds, requireSilu } from "./model.ts";
import type { Presets } from "./presets.ts";

const names: TensorNames = {
  embedding: "model.embed_tokens.weight",
  finalNorm: "model.norm.weight",
  head: "lm_head.weight",
  layer: (index) => {
    const at = (name: string) => `model.layers.${index}.${name}`;
    const feedForward = (name: string) => ({
      gate: at(`${name}.gate_proj.weight`),
      up: at(`${name}.up_proj.weight`),
      down: at(`${name}.down_proj.weight`),
    });
    return {
      attentionNorm: at("input_layernorm.weight"),
      query: at("self_attn.q_proj.weight"),
      key: at("self_attn.k_proj.weight"),
      value: at("self_attn.v_proj.weight"),
      queryNorm: at("self_attn.q_norm.weight"),
      keyNorm: at("self_attn.k_norm.weight"),
      output: at("self_attn.o_proj.weight"),
      feedForwardNorm: at("post_attention_layernorm.weight"),
      router: at("mlp.gate.weight"),
      routerBias: at("mlp.gate.expert_bias"),
      expert: (expert) => feedForward(`mlp.experts.${expert}`),
      ...feedForward("mlp"),
    };
  },
};

function architecture(config: ConfigReader): Architecture {
  requireSilu(config, "hidden_act");
  config.only("attention_bias", false);
  config.only("norm_topk_prob", false);
  config.only("shared_expert_intermediate_size");
  config.only("rope_scaling");
  config.only("clip_qkv");
  config.only("partial_rotary_factor", 1);
  const hidden = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  const headDimension = config.count("head_dim", hidden / heads);
  const layers = config.listed("num_hidden_layers");
  const frequency = config.numbers("moe_layer_freq", Array(layers).fill(1));
  if (frequency.length !== layers) {
    throw config.fail(`lists ${frequency.length} entries in 'moe_layer_freq' for ${layers} layers`);
  }
  const topK = config.count("num_experts_per_tok");
  const experts = config.listed("num_experts");
  if (topK > experts) throw config.fail(`asks for ${topK} experts a token of ${experts}`);
  const mixture = {
    kind: "experts",
    experts,
    topK,
    intermediate: config.count("expert_intermediate_size"),
    normalize: false,
    bias: config.flag("moe_router_enable_expert_bias", false),
  } as const;
  return {
    vocabulary: config.count("vocab_size"),
    hidden,
    heads,
    keyHeads: config.count("num_key_value_heads", heads),
    headDimension,
    rotaryDimension: headDimension,
    ropeTheta: config.positive("rope_theta", 10000),
    epsilon: config.positive("rms_norm_eps", 1e-5),
    context: config.count("max_position_embeddings", 4096),
    queryKeyNorm: config.flag("qk_layernorm", false),
    qkvBias: false,
    tied: config.flag("tie_word_embeddings", false),
    feedForward: frequency.map((one) =>
      one === 1
        ? mixture
        : ({ kind: "dense", intermediate: config.count("dense_intermediate_size") } as const),
    ),
  };
}

const cache = { name: "vicinity", left: 16, right: 16, warmup: 4 };
const presets: Presets = {
  source:
    "published: LLaDA-MoE's own sampler (one token a step), dInfer (arXiv 2510.08666), its benchmark settings; not measured here",
  settings: {
    quality: { decoder: { name: "fixed", steps: 32 }, blockLength: 32 },
    balanced: { decoder: { name: "threshold", threshold: 0.8 }, cache, smoothing: {}, blockLength: 64 },
    speed: {
      decoder: { name: "hierarchical", threshold: 0.92, low: 0.62 },
      cache,
      smoothing: {},
      blockLength: 64,
    },
  },
};

export const lladaMoe: Family = {
  name: "LLaDA-MoE",
  matches: (config) =>
    kinds(config).some((kind) => kind === "LLaDAMoEModelLM" || kind === "lladamoe" || kind === "llada") &&
    config.has("num_experts"),
  read: (config) => ({
    architecture: architecture(config),
    names,
    ignore: [],
    maskBlock: Infinity,
    origin: "zero",
    shift: 0,
    defaultMaskToken: 156895,
    turnEnds: ["<|role_end|>"],
    presets,
  }),
};
