/** What Llama, Qwen2, Qwen3 and all that is made from them have in common: tensor names, and fields of config.json. */
import { plainRouting } from "../tensor/index.ts";
import type { Body, DenseFeedForward, ExpertsFeedForward, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";

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

export interface LlamaVariant {
  readonly qkvBias: boolean;
  readonly queryKeyNorm: boolean;
  /** Of a head where config.json does not say; by default the hidden size over the heads. */
  readonly headDimension?: number;
  /** Positions where config.json does not say. */
  readonly context?: number;
  /** Of the RMS norms where config.json does not say. */
  readonly epsilon?: number;
  /** One a layer; by default all are dense, `intermediate_size` wide. */
  readonly feedForward?: readonly (DenseFeedForward | ExpertsFeedForward)[];
}

/** @throws DiffusionError `invalid-file`, `unsupported` if the configuration asks for what no such body here has */
export function llamaBody(config: ConfigReader, variant: LlamaVariant): Body {
  const { qkvBias, queryKeyNorm } = variant;
  config.only("hidden_act", "silu", "swish");
  for (const field of ["use_sliding_window", "mlp_bias", "use_bias"]) config.only(field, false);
  if (!qkvBias) config.only("attention_bias", false);
  config.only("clip_qkv");
  config.only("rope_scaling");
  for (const type of config.texts("layer_types")) {
    if (type !== "full_attention") throw config.unsupported("layer_types", "all full_attention", type);
  }
  const hidden = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  const headDimension = config.count("head_dim", variant.headDimension ?? hidden / heads);
  return {
    vocabulary: config.count("vocab_size"),
    hidden,
    heads,
    keyHeads: config.count("num_key_value_heads", heads),
    headDimension,
    ...rotary(config, headDimension),
    epsilon: config.positive("rms_norm_eps", variant.epsilon ?? 1e-6),
    context: config.count("max_position_embeddings", variant.context),
    queryKeyNorm,
    qkvBias,
    feedForward: variant.feedForward ?? denseLayers(config),
  };
}

/** Rotary positions: fields of their own, or since transformers 5 those of `rope_parameters`. */
function rotary(config: ConfigReader, headDimension: number): Pick<Body, "ropeTheta" | "rotaryDimension"> {
  const rope = config.section("rope_parameters") ?? config;
  rope.only("rope_type", "default");
  const rotaryDimension = rope.has("partial_rotary_factor")
    ? headDimension * rope.positive("partial_rotary_factor")
    : config.count("rotary_dim", headDimension);
  config.only("rotary_dim", rotaryDimension);
  return { ropeTheta: rope.positive("rope_theta", 10000), rotaryDimension };
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
