/** Configurations of public models, by the families that several models have in common. */
import { type Config, llamaLayout } from "./layouts.ts";

export const llama = {
  hidden_act: "silu",
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  max_position_embeddings: 32768,
};
export const qwen2 = llamaLayout({ bias: true });
export const qwen3 = llamaLayout({ norm: true });
export const qwen3Experts = llamaLayout({ norm: true, expertWidth: "moe_intermediate_size" });

/** Sizes under the field names of Llama and Qwen. */
export function sizes(
  hidden: number,
  wide: number,
  layers: number,
  heads: number,
  kvHeads: number,
  vocabulary: number,
) {
  return {
    hidden_size: hidden,
    intermediate_size: wide,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    vocab_size: vocabulary,
  };
}
export const named = (architecture: string, type: string) => ({
  architectures: [architecture],
  model_type: type,
});

export const llada = {
  ...named("LLaDAModelLM", "llada"),
  d_model: 4096,
  n_layers: 32,
  n_heads: 32,
  n_kv_heads: 32,
  mlp_hidden_size: 12288,
  vocab_size: 126464,
  embedding_size: 126464,
  max_sequence_length: 4096,
  rope: true,
  rope_theta: 500_000,
  rms_norm_eps: 1e-5,
  block_type: "llama",
  activation_type: "silu",
  layer_norm_type: "rms",
  include_bias: false,
  include_qkv_bias: false,
  bias_for_layer_norm: false,
  weight_tying: false,
  mask_token_id: 126336,
  eos_token_id: 126081,
  pad_token_id: 126081,
};
export const illada = {
  ...llada,
  n_kv_heads: 8,
  mlp_hidden_size: 14336,
  vocab_size: 155136,
  embedding_size: 155136,
  max_sequence_length: 8192,
  weight_tying: true,
  mask_token_id: 5,
  eos_token_id: 2,
  pad_token_id: 1,
};
export const lladaMoe = {
  ...named("LLaDAMoEModelLM", "llada"),
  ...llama,
  ...sizes(2048, 8192, 16, 16, 16, 157184),
  num_experts: 64,
  num_experts_per_tok: 8,
  expert_intermediate_size: 1024,
  dense_intermediate_size: 8192,
  qk_layernorm: true,
  rope_theta: 50_000,
  rms_norm_eps: 1e-5,
  moe_layer_freq: Array(16).fill(1),
  shared_expert_intermediate_size: null,
  partial_rotary_factor: 1,
  max_position_embeddings: 8192,
  mask_token_id: 156895,
  eos_token_id: 156892,
  pad_token_id: 156892,
};
export const llada2 = (config: Config) => ({
  ...named("LLaDA2MoeModelLM", "llada2_moe"),
  ...llama,
  head_dim: 128,
  rotary_dim: 64,
  partial_rotary_factor: 0.5,
  rope_theta: 600_000,
  num_experts: 256,
  num_experts_per_tok: 8,
  num_shared_experts: 1,
  n_group: 8,
  topk_group: 4,
  first_k_dense_replace: 1,
  score_function: "sigmoid",
  routed_scaling_factor: 2.5,
  norm_topk_prob: true,
  moe_router_enable_expert_bias: true,
  use_bias: false,
  use_qkv_bias: false,
  eos_token_id: 156892,
  ...config,
});
export const dream = {
  ...named("DreamModel", "Dream"),
  ...llama,
  ...sizes(3584, 18944, 28, 28, 4, 152064),
  max_position_embeddings: 131072,
  mask_token_id: 151666,
  eos_token_id: 151643,
  pad_token_id: 151643,
  bos_token_id: 151665,
};
export const qwen25Small = { ...llama, ...sizes(896, 4864, 24, 14, 2, 151936), eos_token_id: 151645 };
export const qwen3Small = {
  ...llama,
  ...sizes(1024, 3072, 28, 16, 8, 151936),
  head_dim: 128,
  eos_token_id: 151645,
};
export const qwen3Moe = {
  ...llama,
  ...sizes(2048, 6144, 48, 32, 4, 151936),
  head_dim: 128,
  eos_token_id: 151645,
  num_experts: 128,
  num_experts_per_tok: 8,
  moe_intermediate_size: 768,
  norm_topk_prob: true,
  decoder_sparse_step: 1,
  mlp_only_layers: [],
};
export const sdar = (config: Config) => ({
  ...named("SDARForCausalLM", "sdar"),
  ...llama,
  head_dim: 128,
  block_size: 4,
  mask_token_id: 151669,
  eos_token_id: [151645, 151643],
  ...config,
});
export const fast = (config: Config) => ({
  ...named("Fast_dLLM_QwenForCausalLM", "Fast_dLLM_Qwen"),
  ...llama,
  bd_size: 32,
  eos_token_id: 151645,
  pad_token_id: 151645,
  ...config,
});
export const llama32 = {
  ...named("LlamaForCausalLM", "llama"),
  hidden_act: "silu",
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
  max_position_embeddings: 131072,
  ...sizes(2048, 8192, 16, 32, 8, 128256),
  head_dim: 64,
  tie_word_embeddings: true,
  rope_scaling: {
    factor: 32,
    high_freq_factor: 4,
    low_freq_factor: 1,
    original_max_position_embeddings: 8192,
    rope_type: "llama3",
  },
  attention_bias: false,
  mlp_bias: false,
  bos_token_id: 128000,
  eos_token_id: 128001,
};
