/** What Llama, Qwen2, Qwen3 and all that is made from them have in common: tensor names, and fields of config.json. */
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

/** A feed-forward network and, where it has some, its router and experts. */
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

/** Rotary frequencies are computed; checkpoints of older versions carry them. */
export const rotaryFrequencies = /\.rotary_emb\.inv_freq$/;

/**
 * What a family's configuration class assumes where config.json says nothing. A field without a default must be in
 * config.json: transformers writes every field of a class there, and a guess would run the model with wrong numbers.
 */
export interface ClassDefaults extends RotaryDefaults {
  /** Elements of a head; by default the hidden size over the heads. */
  readonly headDimension?: number;
  /** As many key heads as heads. */
  readonly keyHeads?: "heads";
  /** Of the RMS norms. */
  readonly epsilon?: number;
}

export interface LlamaVariant {
  readonly qkvBias: boolean;
  readonly queryKeyNorm: boolean;
  readonly defaults: ClassDefaults;
  /** One a layer; by default all are dense, `intermediate_size` wide. */
  readonly feedForward?: readonly (DenseFeedForward | ExpertsFeedForward)[];
}

/** Llama itself, with the defaults of transformers' LlamaConfig. */
export const llamaVariant: LlamaVariant = {
  qkvBias: false,
  queryKeyNorm: false,
  defaults: { keyHeads: "heads", epsilon: 1e-6, ropeTheta: 10000, rotaryFraction: 1 },
};

/** @throws DiffusionError `invalid-file`, `unsupported` if the configuration asks for what no such body here has */
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
    keyHeads: config.count("num_key_value_heads", defaults.keyHeads && heads),
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
    { length: config.listed("num_hidden_layers") },
    () => ({ kind: "dense", intermediate }) as const,
  );
}

/** A mixture of experts with the routing that most families share: softmax, no groups, no shared expert. */
export function mixture(
  config: ConfigReader,
  {
    routing,
    ...given
  }: Pick<ExpertsFeedForward, "intermediate"> & {
    readonly bias?: boolean;
    readonly routing?: Partial<ExpertsFeedForward["routing"]>;
  },
): ExpertsFeedForward {
  const topK = config.count("num_experts_per_tok");
  const experts = config.listed("num_experts");
  if (topK > experts) throw config.fail(`asks for ${topK} experts a token of ${experts}`);
  return { kind: "experts", experts, topK, bias: false, ...given, routing: { ...plainRouting, ...routing } };
}
