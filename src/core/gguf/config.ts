/** The fields of a config.json, from the metadata of a GGUF file. */
import { DiffusionError } from "../error.ts";
import type { JsonObject } from "../jsonObject.ts";
import type { ConfigReader } from "../model/index.ts";
import type { TensorEntry } from "../weights/index.ts";

export interface ConfigParts {
  readonly metadata: ConfigReader;
  /** As in `general.architecture`. */
  readonly architecture: string;
  /** As in `architectures` of a config.json. */
  readonly className: string;
  /** By name. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Of the frequencies of rotary positions, if the file has them. */
  readonly divisors: readonly number[] | undefined;
}

/** Keys of an architecture that are read, and those without a meaning here. Any other could change what a model computes. */
const knownKeys = [
  ...["block_count", "context_length", "embedding_length", "feed_forward_length", "vocab_size"],
  ...["attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length"],
  ...["attention.layer_norm_rms_epsilon", "attention.causal", "rope.freq_base", "rope.dimension_count"],
  ...[
    "rope.scaling.type",
    "rope.scaling.factor",
    "rope.scaling.original_context_length",
    "rope.scaling.finetuned",
  ],
  ...["expert_count", "expert_used_count", "expert_feed_forward_length", "expert_shared_count"],
  ...["pooling_type", "tensor_data_layout"],
];

/** @throws DiffusionError `invalid-file`, `unsupported` */
export function configOf({ metadata, architecture, className, tensors, divisors }: ConfigParts): JsonObject {
  const key = (name: string) => `${architecture}.${name}`;
  metadata.onlyFields(knownKeys.map(key), key(""));
  const hidden = metadata.count(key("embedding_length"));
  const heads = metadata.count(key("attention.head_count"));
  const headDimension = metadata.count(key("attention.key_length"), hidden / heads);
  metadata.only(key("attention.value_length"), headDimension);
  const shared = {
    architectures: [className],
    vocab_size: rowsOf(tensors, "token_embd.weight", metadata.name),
    rms_norm_eps: shortest(metadata.positive(key("attention.layer_norm_rms_epsilon"))),
    rope_theta: shortest(metadata.positive(key("rope.freq_base"), 10000)),
    rope_scaling: scalingOf(metadata, key("rope.scaling."), divisors),
    ...tokensOf(metadata),
  };
  const rotary = metadata.count(key("rope.dimension_count"), headDimension);
  const layers = metadata.boundedCount(key("block_count"));
  const context = metadata.count(key("context_length"));
  const kvHeads = metadata.count(key("attention.head_count_kv"), heads);
  const intermediate = metadata.has(key("feed_forward_length"))
    ? metadata.count(key("feed_forward_length"))
    : undefined;
  if (className === "LLaDAModelLM") {
    metadata.only(key("rope.dimension_count"), headDimension);
    return {
      ...shared,
      d_model: hidden,
      n_heads: heads,
      n_kv_heads: kvHeads,
      n_layers: layers,
      mlp_hidden_size: intermediate,
      max_sequence_length: context,
      activation_type: "silu",
      block_type: "llama",
      layer_norm_type: "rms",
      rope: true,
    };
  }
  return {
    ...shared,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headDimension,
    num_hidden_layers: layers,
    intermediate_size: intermediate,
    max_position_embeddings: context,
    partial_rotary_factor: rotary / headDimension,
    hidden_act: "silu",
    ...expertsOf(metadata, key, className, tensors),
  };
}

function rowsOf(tensors: ReadonlyMap<string, TensorEntry>, name: string, file: string): number {
  const rows = tensors.get(name)?.shape[0];
  if (rows !== undefined) return rows;
  throw new DiffusionError("invalid-weights", `Cannot load the model as ${file} names no tensor '${name}'`);
}

function tokensOf(metadata: ConfigReader): JsonObject {
  const token = (role: string) => metadata.tokens(`tokenizer.ggml.${role}_token_id`);
  const [mask] = token("mask");
  const [padding] = token("padding");
  return {
    eos_token_id: [...new Set([...token("eos"), ...token("eot")])],
    pad_token_id: padding,
    mask_token_id: mask,
  };
}

function expertsOf(
  metadata: ConfigReader,
  key: (name: string) => string,
  className: string,
  tensors: ReadonlyMap<string, TensorEntry>,
): JsonObject {
  if (!metadata.has(key("expert_count"))) return {};
  metadata.only(key("expert_shared_count"), 0);
  const width = metadata.count(key("expert_feed_forward_length"));
  const experts = {
    num_experts: metadata.boundedCount(key("expert_count")),
    num_experts_per_tok: metadata.count(key("expert_used_count")),
  };
  // What llama.cpp computes for these architectures, whose files do not say it.
  if (className === "LLaDAMoEModelLM") {
    const normed = tensors.has("blk.0.attn_q_norm.weight");
    return { ...experts, expert_intermediate_size: width, qk_layernorm: normed };
  }
  return { ...experts, moe_intermediate_size: width, norm_topk_prob: true };
}

function scalingOf(
  metadata: ConfigReader,
  prefix: string,
  divisors: readonly number[] | undefined,
): JsonObject | undefined {
  const kind = metadata.oneOf(`${prefix}type`, ["none", "linear", "yarn"] as const, "none");
  if (divisors) {
    metadata.only(`${prefix}type`, "none");
    return { rope_type: "divisors", divisors };
  }
  if (kind === "none") return undefined;
  const factor = shortest(metadata.positive(`${prefix}factor`));
  if (kind === "linear") return { rope_type: kind, factor };
  const original = metadata.count(`${prefix}original_context_length`);
  return { rope_type: kind, factor, original_max_position_embeddings: original };
}

/**
 * The shortest decimal number with the same f32. Files have numbers of a config.json in f32: 1e-5 is there
 * 0.000009999999747378752, and would give other bits.
 */
export function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return value;
}
