/** Public models as their configurations and checkpoints are, with the totals that are published of them. */
import { type Config, type Layout, llada2Layout, lladaLayout, llamaLayout } from "./layouts.ts";

export interface PublishedModel {
  /** Its name on the Hub. */
  readonly id: string;
  readonly family: string;
  readonly config: Config;
  readonly layout: Layout;
  /** Billions of parameters, to so many decimals as are published; a head that is the embedding counts once. */
  readonly parameters: number;
  readonly tensors?: number;
  /** Of all tensors in bf16. */
  readonly bytes?: number;
  readonly maskBlock: number;
  readonly origin?: "prompt";
  readonly shift?: 1;
  readonly seeded?: true;
  readonly mask: number;
}

const llama = {
  hidden_act: "silu",
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  max_position_embeddings: 32768,
};
const qwen2 = llamaLayout({ bias: true });
const qwen3 = llamaLayout({ norm: true });
const qwen3Experts = llamaLayout({ norm: true, expertWidth: "moe_intermediate_size" });

/** Sizes under the names that Llama and Qwen give them. */
function sizes(
  hidden: number,
  wide: number,
  layers: number,
  heads: number,
  keyHeads: number,
  vocabulary: number,
) {
  return {
    ...{ hidden_size: hidden, intermediate_size: wide, num_hidden_layers: layers },
    ...{ num_attention_heads: heads, num_key_value_heads: keyHeads, vocab_size: vocabulary },
  };
}
const named = (architecture: string, type: string) => ({ architectures: [architecture], model_type: type });

const llada = {
  ...named("LLaDAModelLM", "llada"),
  ...{ d_model: 4096, n_layers: 32, n_heads: 32, n_kv_heads: 32, mlp_hidden_size: 12288 },
  ...{
    vocab_size: 126464,
    embedding_size: 126464,
    max_sequence_length: 4096,
    rope: true,
    rope_theta: 500_000,
  },
  ...{ rms_norm_eps: 1e-5, block_type: "llama", activation_type: "silu", layer_norm_type: "rms" },
  ...{ include_bias: false, include_qkv_bias: false, bias_for_layer_norm: false, weight_tying: false },
  ...{ mask_token_id: 126336, eos_token_id: 126081, pad_token_id: 126081 },
};
const illada = {
  ...{ ...llada, n_kv_heads: 8, mlp_hidden_size: 14336, vocab_size: 155136, embedding_size: 155136 },
  ...{ max_sequence_length: 8192, weight_tying: true, mask_token_id: 5, eos_token_id: 2, pad_token_id: 1 },
};
const lladaMoe = {
  ...named("LLaDAMoEModelLM", "llada"),
  ...llama,
  ...sizes(2048, 8192, 16, 16, 16, 157184),
  ...{
    num_experts: 64,
    num_experts_per_tok: 8,
    expert_intermediate_size: 1024,
    dense_intermediate_size: 8192,
  },
  ...{ qk_layernorm: true, rope_theta: 50_000, rms_norm_eps: 1e-5, moe_layer_freq: Array(16).fill(1) },
  ...{ shared_expert_intermediate_size: null, partial_rotary_factor: 1, max_position_embeddings: 8192 },
  ...{ mask_token_id: 156895, eos_token_id: 156892, pad_token_id: 156892 },
};
const llada2 = (config: Config) => ({
  ...named("LLaDA2MoeModelLM", "llada2_moe"),
  ...llama,
  ...{ head_dim: 128, rotary_dim: 64, partial_rotary_factor: 0.5, rope_theta: 600_000 },
  ...{ num_experts: 256, num_experts_per_tok: 8, num_shared_experts: 1, n_group: 8, topk_group: 4 },
  ...{
    first_k_dense_replace: 1,
    score_function: "sigmoid",
    routed_scaling_factor: 2.5,
    norm_topk_prob: true,
  },
  ...{ moe_router_enable_expert_bias: true, use_bias: false, use_qkv_bias: false, eos_token_id: 156892 },
  ...config,
});
const dream = {
  ...named("DreamModel", "Dream"),
  ...{ ...llama, ...sizes(3584, 18944, 28, 28, 4, 152064), max_position_embeddings: 131072 },
  ...{ mask_token_id: 151666, eos_token_id: 151643, pad_token_id: 151643, bos_token_id: 151665 },
};
const qwen25Small = { ...llama, ...sizes(896, 4864, 24, 14, 2, 151936), eos_token_id: 151645 };
const qwen3Small = { ...llama, ...sizes(1024, 3072, 28, 16, 8, 151936), head_dim: 128, eos_token_id: 151645 };
const qwen3Moe = {
  ...{ ...llama, ...sizes(2048, 6144, 48, 32, 4, 151936), head_dim: 128, eos_token_id: 151645 },
  ...{ num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768, norm_topk_prob: true },
  ...{ decoder_sparse_step: 1, mlp_only_layers: [] },
};
const sdar = (config: Config) => ({
  ...named("SDARForCausalLM", "sdar"),
  ...llama,
  ...{ head_dim: 128, block_size: 4, mask_token_id: 151669, eos_token_id: [151645, 151643], ...config },
});
const fast = (config: Config) => ({
  ...named("Fast_dLLM_QwenForCausalLM", "Fast_dLLM_Qwen"),
  ...{ ...llama, bd_size: 32, eos_token_id: 151645, pad_token_id: 151645, ...config },
});
const llama32 = {
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

export const publishedModels: readonly PublishedModel[] = [
  {
    ...{ id: "GSAI-ML/LLaDA-8B-Instruct", family: "LLaDA", config: llada, layout: lladaLayout(true) },
    ...{ parameters: 8.016, tensors: 291, maskBlock: Infinity, mask: 126336 },
  },
  {
    ...{ id: "GSAI-ML/iLLaDA-8B-Instruct", family: "LLaDA", config: illada, layout: lladaLayout(false) },
    ...{ parameters: 7.615, maskBlock: Infinity, mask: 5 },
  },
  {
    ...{ id: "inclusionAI/LLaDA-MoE-7B-A1B-Instruct", family: "LLaDA-MoE", config: lladaMoe },
    layout: llamaLayout({ norm: true, expertWidth: "expert_intermediate_size" }),
    ...{ parameters: 7.357, tensors: 3219, maskBlock: Infinity, mask: 156895 },
  },
  {
    ...{ id: "inclusionAI/LLaDA2.0-mini", family: "LLaDA2", layout: llada2Layout },
    config: llada2({ ...sizes(2048, 5120, 20, 16, 4, 157184), moe_intermediate_size: 512 }),
    ...{ parameters: 16.256, tensors: 14_813, maskBlock: 32, mask: 156895 },
  },
  {
    ...{ id: "inclusionAI/LLaDA2.0-flash", family: "LLaDA2", layout: llada2Layout },
    config: llada2({ ...sizes(4096, 9216, 32, 32, 4, 157184), moe_intermediate_size: 1024 }),
    ...{ parameters: 102.89, tensors: 24_161, maskBlock: 32, mask: 156895 },
  },
  {
    ...{ id: "Dream-org/Dream-v0-Instruct-7B", family: "Dream", config: dream, layout: qwen2 },
    ...{ parameters: 7.616, tensors: 339, maskBlock: Infinity, shift: 1, mask: 151666 },
  },
  {
    ...{ id: "fredzzp/open-dcoder-0.5B", family: "Open-dCoder" },
    config: { ...named("Qwen2ForCausalLM", "qwen2"), ...qwen25Small, mask_token_id: 151665 },
    layout: llamaLayout({ bias: true, head: false }),
    ...{ parameters: 0.494, maskBlock: Infinity, shift: 1, mask: 151665 },
  },
  {
    ...{ id: "dllm-hub/Qwen2.5-Coder-0.5B-Instruct-diffusion-mdlm-v0.1", family: "Tiny-A2D (Qwen2)" },
    config: { ...named("A2DQwen2LMHeadModel", "a2d-qwen2"), ...qwen25Small },
    ...{ layout: qwen2, parameters: 0.63, tensors: 291, maskBlock: Infinity, mask: 151665 },
  },
  {
    ...{ id: "dllm-hub/Qwen3-0.6B-diffusion-mdlm-v0.1", family: "Tiny-A2D (Qwen3)" },
    config: { ...named("A2DQwen3LMHeadModel", "a2d-qwen3"), ...qwen3Small },
    ...{ layout: qwen3, parameters: 0.752, tensors: 311, maskBlock: Infinity, mask: 151669 },
  },
  {
    ...{ id: "dllm-hub/Qwen3-0.6B-diffusion-bd3lm-v0.1", family: "Tiny-A2D (Qwen3)" },
    config: { ...named("A2DQwen3LMHeadModel", "a2d-qwen3"), ...qwen3Small, block_size: 32 },
    layout: llamaLayout({ norm: true, head: false }),
    ...{ parameters: 0.596, maskBlock: 32, origin: "prompt", mask: 151669 },
  },
  {
    // As the conversion script of its authors writes it: Llama's configuration under another name.
    id: "meta-llama/Llama-3.2-1B, converted",
    family: "Tiny-A2D (Llama)",
    config: { ...llama32, ...named("A2DLlamaLMHeadModel", "a2d-llama"), mask_token_id: 128255 },
    layout: llamaLayout({ head: false }),
    parameters: 1.236,
    maskBlock: Infinity,
    mask: 128255,
  },
  {
    ...{ id: "JetLM/SDAR-1.7B-Chat", family: "SDAR", layout: qwen3 },
    config: sdar(sizes(2048, 6144, 28, 16, 8, 151936)),
    ...{ parameters: 2.03, maskBlock: 4, mask: 151669 },
  },
  {
    ...{ id: "JetLM/SDAR-4B-Chat", family: "SDAR", layout: qwen3 },
    config: sdar(sizes(2560, 9728, 36, 32, 8, 151936)),
    ...{ parameters: 4.411, tensors: 399, bytes: 8_822_848_512, maskBlock: 4, mask: 151669 },
  },
  {
    ...{ id: "JetLM/SDAR-8B-Chat-b32", family: "SDAR", layout: qwen3 },
    config: sdar({ ...sizes(4096, 12288, 36, 32, 8, 151936), block_size: 32 }),
    ...{ parameters: 8.191, tensors: 399, bytes: 16_381_470_720, maskBlock: 32, mask: 151669 },
  },
  {
    ...{ id: "JetLM/SDAR-30B-A3B-Chat", family: "SDAR-MoE", layout: qwen3Experts },
    config: { ...named("SDARMoeForCausalLM", "sdar_moe"), ...qwen3Moe, block_size: 4, mask_token_id: 151669 },
    ...{ parameters: 30.53, tensors: 18_867, maskBlock: 4, mask: 151669 },
  },
  {
    id: "ByteDance-Seed/Stable-DiffCoder-8B-Instruct",
    family: "Stable-DiffCoder",
    config: {
      ...named("StableDiffcoderForCausalLM", "llama"),
      ...llama,
      rope_theta: 500_000,
      rope_scaling: null,
      ...sizes(4096, 14336, 32, 32, 8, 155136),
      max_position_embeddings: 8192,
      attention_bias: false,
      mlp_bias: false,
      bos_token_id: 0,
      pad_token_id: 1,
      eos_token_id: 2,
    },
    layout: llamaLayout({}),
    parameters: 8.25,
    maskBlock: 4,
    mask: 5,
  },
  {
    ...{ id: "Efficient-Large-Model/Fast_dLLM_v2_1.5B", family: "Fast-dLLM v2" },
    config: fast({ ...sizes(1536, 8960, 28, 12, 2, 151936), tie_word_embeddings: true }),
    layout: llamaLayout({ bias: true, head: false }),
    ...{ parameters: 1.544, maskBlock: 32, shift: 1, seeded: true, mask: 151665 },
  },
  {
    ...{ id: "Efficient-Large-Model/Fast_dLLM_v2_7B", family: "Fast-dLLM v2", layout: qwen2 },
    config: fast(sizes(3584, 18944, 28, 28, 4, 152064)),
    ...{ parameters: 7.616, maskBlock: 32, shift: 1, seeded: true, mask: 151665 },
  },
  {
    ...{ id: "radicalnumerics/RND1-Base-0910", family: "RND1", layout: qwen3Experts },
    config: {
      ...named("RND1LM", "rnd1"),
      ...qwen3Moe,
      rope_scaling: false,
      max_position_embeddings: 40960,
      mask_token_id: 151669,
    },
    ...{ parameters: 30.53, tensors: 18_867, maskBlock: Infinity, shift: 1, mask: 151669 },
  },
  {
    ...{ id: "Qwen/Qwen2.5-0.5B-Instruct", family: "Qwen2 (causal)" },
    config: { ...named("Qwen2ForCausalLM", "qwen2"), ...qwen25Small, tie_word_embeddings: true },
    layout: llamaLayout({ bias: true, head: false }),
    ...{ parameters: 0.494, maskBlock: 1, shift: 1, mask: 151935 },
  },
  {
    ...{ id: "Qwen/Qwen3-0.6B", family: "Qwen3 (causal)", layout: qwen3 },
    config: { ...named("Qwen3ForCausalLM", "qwen3"), ...qwen3Small },
    ...{ parameters: 0.752, maskBlock: 1, shift: 1, mask: 151935 },
  },
  {
    id: "meta-llama/Llama-3.2-1B",
    family: "Llama (causal)",
    config: llama32,
    layout: llamaLayout({ head: false }),
    parameters: 1.236,
    maskBlock: 1,
    shift: 1,
    mask: 128255,
  },
  {
    ...{ id: "HuggingFaceTB/SmolLM2-135M", family: "Llama (causal)" },
    config: {
      ...named("LlamaForCausalLM", "llama"),
      ...llama,
      ...sizes(576, 1536, 30, 9, 3, 49152),
      eos_token_id: 0,
    },
    layout: llamaLayout({ head: false }),
    ...{ parameters: 0.1345, maskBlock: 1, shift: 1, mask: 49151 },
  },
];

/** The same model with a few small layers: names, switches and conventions stay. */
export function small({ config, maskBlock }: PublishedModel): Config {
  const widths: Config = {
    ...{
      hidden_size: 24,
      intermediate_size: 20,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 8,
    },
    ...{ num_hidden_layers: 2, vocab_size: 50, max_position_embeddings: 64, rotary_dim: 4 },
    ...{ num_experts: 8, num_experts_per_tok: 2, moe_intermediate_size: 12, expert_intermediate_size: 12 },
    ...{ dense_intermediate_size: 20, moe_layer_freq: [1, 1], n_group: 4, topk_group: 2 },
    ...{ d_model: 24, n_layers: 2, n_heads: 4, n_kv_heads: 2, mlp_hidden_size: 20, embedding_size: 50 },
    ...{ max_sequence_length: 64, mask_token_id: 48, eos_token_id: 47, pad_token_id: 46 },
  };
  const own = Object.entries(config).map(([name, value]) => [name, widths[name] ?? value]);
  // A causal model has no mask token to name.
  const mask = maskBlock === 1 ? {} : { mask_token_id: 48 };
  return { ...Object.fromEntries(own), ...mask, torch_dtype: "bfloat16" };
}
