/** Tensor names and fields of config.json that Llama, Qwen2, Qwen3 and their derivatives share. */
import { plainRouting } from "../tensor/index.ts";
import type { Body, DenseFeedForward, ExpertsFeedForward, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import { type RotaryDefaults, readContext, readRotary } from "./rotaryFields.ts";

export const llamaNames: TensorNames = {
  embedding: "model.embed_tokens.weight",
  finalNorm: "model.norm.weight",
  head: "lm_head.weight",
  layer: (index) => {
    const at = (name: string) => `model.layers.${index}.${name}`;
    return {
      attentionNorm: at("input_layernorm.weight"),
      query: at("self_attn.q_proj.weight"),
      key: at("self_attn.k_proj.weight"),
      value: at("self_attn.v_proj.weight"),
      queryBias: at("self_attn.q_proj.bias"),
      keyBias: at("self_attn.k_proj.bias"),
      valueBias: at("self_attn.v_proj.bias"),
      queryNorm: at("self_attn.q_norm.weight"),
      keyNorm: at("self_attn.k_norm.weight"),
      output: at("self_attn.o_proj.weight"),
      feedForwardNorm: at("post_attention_layernorm.weight"),
      ...expertNames(at("mlp")),
    };
  },
};

/** Tensor names of a feed-forward network, its router and its experts. */
export function expertNames(mlp: string) {
  const projections = (prefix: string) => ({
    gate: `${prefix}.gate_proj.weight`,
    up: `${prefix}.up_proj.weight`,
    down: `${prefix}.down_proj.weight`,
  });
  return {
    ...projections(mlp),
    router: `${mlp}.gate.weight`,
    routerBias: `${mlp}.gate.expert_bias`,
    expert: (expert: number) => projections(`${mlp}.experts.${expert}`),
    sharedExpert: projections(`${mlp}.shared_experts`),
  };
}

/** A tensor of older checkpoints, which is ignored: the frequencies are computed. */
export const rotaryFrequencies = /\.rotary_emb\.inv_freq$/;

/**
 * The defaults of a family's configuration class. A field without a default must be in config.json: transformers writes
 * all fields there, and a guess could run the model with wrong numbers.
 */
export interface ClassDefaults extends RotaryDefaults {
  /** Elements of a head; by default the hidden size divided by the number of heads. */
  readonly headDimension?: number;
  /** "heads": as many key heads as heads. */
  readonly kvHeads?: "heads";
  /** Epsilon of the RMS norms. */
  readonly epsilon?: number;
}

export interface LlamaVariant {
  readonly qkvBias: boolean;
  readonly queryKeyNorm: boolean;
  readonly defaults: ClassDefaults;
  /** One for each layer; by default all are dense, with width `intermediate_size`. */
  readonly feedForward?: readonly (DenseFeedForward | ExpertsFeedForward)[];
}

/** Llama, with the defaults of transformers' LlamaConfig. */
export const llamaVariant: LlamaVariant = {
  qkvBias: false,
  queryKeyNorm: false,
  defaults: { kvHeads: "heads", epsilon: 1e-6, ropeTheta: 10000, rotaryFraction: 1 },
};

/** @throws DiffusionError `invalid-file`, `unsupported` if the configuration has an option that this body lacks */
export function llamaBody(config: ConfigReader, variant: LlamaVariant): Body {
  const { qkvBias, queryKeyNorm, defaults } = variant;
  config.only("hidden_act", "silu", "swish");
  for (const field of ["use_sliding_window", "mlp_bias", "use_bias", "use_mrope", "rope_interleaved"])
    config.only(field, false);
  if (!qkvBias) config.only("attention_bias", false);
  config.only("clip_qkv");
  for (const type of config.texts("layer_types")) {
    if (type !== "full_attention") throw config.unsupported("layer_types", "all full_attention", type);
  }
  const hidden = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  const headDimension = config.count("head_dim", defaults.headDimension ?? hidden / heads);
  const rotary = readRotary(config, headDimension, defaults);
  return {
    vocabulary: config.count("vocab_size"),
    hidden,
    heads,
    kvHeads: config.count("num_key_value_heads", defaults.kvHeads && heads),
    headDimension,
    ...rotary,
    epsilon: config.positive("rms_norm_eps", defaults.epsilon),
    context: readContext(config, rotary),
    queryKeyNorm,
    qkvBias,
    feedForward: variant.feedForward ?? denseLayers(config),
  };
}

function denseLayers(config: ConfigReader): readonly DenseFeedForward[] {
  const intermediate = config.count("intermediate_size");
  return Array.from(
    { length: config.boundedCount("num_hidden_layers") },
    () => ({ kind: "dense", intermediate }) as const,
  );
}

/** A mixture of experts. Default routing: softmax, no groups, no shared expert. */
export function mixture(
  config: ConfigReader,
  {
    routing,
    ...layer
  }: Pick<ExpertsFeedForward, "intermediate"> & {
    readonly bias?: boolean;
    readonly routing?: Partial<ExpertsFeedForward["routing"]>;
  },
): ExpertsFeedForward {
  const topK = config.count("num_experts_per_tok");
  const experts = config.boundedCount("num_experts");
  if (topK > experts) {
    throw config.fail(`must have 'num_experts_per_tok' up to 'num_experts': found ${topK} and ${experts}`);
  }
  return { kind: "experts", experts, topK, bias: false, ...layer, routing: { ...plainRouting, ...routing } };
}
