/**
 * LLaDA (dense): a bidirectional Llama body. Source: arXiv 2502.09992 and the published modelling files.
 * The head and a layer's down projection share the leaf name `ff_out`.
 */
import type { Body, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { bidirectional } from "./conventions.ts";
import type { Family } from "./model.ts";
import { parallelPresets } from "./presets.ts";
import { refuseRopeScaling } from "./rotaryFields.ts";

const prefix = "model.transformer.";

const names: TensorNames = {
  embedding: `${prefix}wte.weight`,
  finalNorm: `${prefix}ln_f.weight`,
  head: `${prefix}ff_out.weight`,
  layer: (index) => {
    const at = (name: string) => `${prefix}blocks.${index}.${name}.weight`;
    return {
      attentionNorm: at("attn_norm"),
      query: at("q_proj"),
      key: at("k_proj"),
      value: at("v_proj"),
      output: at("attn_out"),
      feedForwardNorm: at("ff_norm"),
      gate: at("ff_proj"),
      up: at("up_proj"),
      down: at("ff_out"),
    };
  },
};

function body(config: ConfigReader): Body {
  // The configuration class has other, unsupported defaults for these fields.
  config.must("activation_type", "silu");
  config.must("block_type", "llama");
  config.must("layer_norm_type", "rms");
  config.must("rope", true);
  config.only("block_group_size", 1);
  config.only("layer_norm_with_affine", true);
  for (const field of ["include_bias", "include_qkv_bias", "bias_for_layer_norm", "alibi", "scale_logits"]) {
    config.only(field, false);
  }
  for (const field of ["input_emb_norm", "attention_layer_norm", "multi_query_attention"])
    config.only(field, false);
  refuseRopeScaling(config);
  config.only("clip_qkv");
  const hidden = config.count("d_model");
  const heads = config.count("n_heads");
  if (hidden % heads !== 0)
    throw config.fail(`must have a 'd_model' divisible by 'n_heads': found ${hidden} and ${heads}`);
  const vocabulary = config.count("embedding_size", config.count("vocab_size"));
  const intermediate = config.count("mlp_hidden_size", hidden * config.count("mlp_ratio", 4));
  return {
    vocabulary,
    hidden,
    heads,
    kvHeads: config.count("n_kv_heads", heads),
    headDimension: hidden / heads,
    rotaryDimension: hidden / heads,
    ropeTheta: config.positive("rope_theta", 10000),
    epsilon: config.positive("rms_norm_eps", 1e-5),
    context: config.count("max_sequence_length"),
    queryKeyNorm: false,
    qkvBias: false,
    feedForward: Array.from(
      { length: config.boundedCount("n_layers") },
      () => ({ kind: "dense", intermediate }) as const,
    ),
  };
}

const presets = parallelPresets({
  source: "LLaDA's own sampler (arXiv 2502.09992), one token per step",
  quality: { decoder: { name: "fixed", steps: 32 }, blockLength: 32 },
  official: {
    decoder: { name: "fixed", steps: 128 },
    cache: { name: "none" },
    genLength: 128,
    blockLength: 128,
    earlyStop: false,
  },
});

export const llada: Family = {
  name: "LLaDA",
  architectures: ["LLaDAModelLM"],
  modelTypes: ["llada"],
  fits: ({ config }) => !config.has("num_experts"),
  shape: ({ config }) => config.has("d_model") && config.has("mlp_hidden_size"),
  read: (config) => ({
    body: body(config),
    names,
    ignore: [],
    ...bidirectional,
    mask: { texts: ["<|mdm_mask|>"], token: 126336 },
    turnEnds: ["<|eot_id|>"],
    presets,
  }),
};
