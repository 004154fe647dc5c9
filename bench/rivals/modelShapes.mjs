// Configurations of the compared models, and the names and shapes of their tensors.

const vocabulary = 1024;
/** Behind one token for every byte. */
export const specialTokens = { end: 256, mask: 257 };
const { end, mask } = specialTokens;

const common = {
  vocab_size: vocabulary,
  hidden_act: "silu",
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  max_position_embeddings: 4096,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
  eos_token_id: end,
};
const dense = { hidden_size: 896, num_hidden_layers: 24, num_attention_heads: 14, intermediate_size: 4864 };
const experts = {
  hidden_size: 1024,
  num_hidden_layers: 16,
  num_attention_heads: 16,
  num_experts: 16,
  num_experts_per_tok: 4,
};

/**
 * Configurations by name. With the causal ones llama.cpp keeps keys and values, so both sides compute 32 rows behind a context;
 * its Dream and LLaDA-MoE compute whole sequences.
 */
export const configs = {
  dream: { ...common, ...dense, architectures: ["Qwen2ForCausalLM"], num_key_value_heads: 2 },
  mixture: {
    ...common,
    ...experts,
    architectures: ["SDARMoeForCausalLM"],
    num_key_value_heads: 16,
    head_dim: 64,
    intermediate_size: 512,
    moe_intermediate_size: 512,
    norm_topk_prob: true,
    decoder_sparse_step: 1,
    block_size: 1,
    mask_token_id: mask,
  },
  "dream whole": {
    ...common,
    ...dense,
    architectures: ["DreamModel"],
    num_key_value_heads: 2,
    mask_token_id: mask,
  },
  "mixture whole": {
    ...common,
    ...experts,
    architectures: ["LLaDAMoEModelLM"],
    num_key_value_heads: 16,
    expert_intermediate_size: 512,
    dense_intermediate_size: 512,
    norm_topk_prob: false,
    qk_layernorm: true,
    mask_token_id: mask,
  },
};

/** Names and shapes of a model's tensors, as transformers writes them. */
export function tensorsOf(config) {
  const { hidden_size: hidden, num_attention_heads: heads, num_key_value_heads: kvHeads } = config;
  const head = hidden / heads;
  const layer = (prefix) => {
    const attention = `${prefix}.self_attn`;
    const projections = [
      ["q_proj", heads * head],
      ["k_proj", kvHeads * head],
      ["v_proj", kvHeads * head],
    ];
    const list = [
      [`${prefix}.input_layernorm.weight`, hidden],
      [`${prefix}.post_attention_layernorm.weight`, hidden],
      [`${attention}.o_proj.weight`, hidden, heads * head],
    ];
    for (const [name, rows] of projections) list.push([`${attention}.${name}.weight`, rows, hidden]);
    const mlp = (name, width) => {
      for (const part of ["gate_proj", "up_proj"]) list.push([`${name}.${part}.weight`, width, hidden]);
      list.push([`${name}.down_proj.weight`, hidden, width]);
    };
    if (config.num_experts === undefined) {
      for (const [name, rows] of projections) list.push([`${attention}.${name}.bias`, rows]);
      mlp(`${prefix}.mlp`, config.intermediate_size);
    } else {
      for (const name of ["q_norm", "k_norm"]) list.push([`${attention}.${name}.weight`, head]);
      list.push([`${prefix}.mlp.gate.weight`, config.num_experts, hidden]);
      for (let expert = 0; expert < config.num_experts; expert++)
        mlp(
          `${prefix}.mlp.experts.${expert}`,
          config.moe_intermediate_size ?? config.expert_intermediate_size,
        );
    }
    return list;
  };
  return [
    ["model.embed_tokens.weight", vocabulary, hidden],
    ...Array.from({ length: config.num_hidden_layers }, (_, index) => layer(`model.layers.${index}`)).flat(),
    ["model.norm.weight", hidden],
    ["lm_head.weight", vocabulary, hidden],
  ].map(([name, ...shape]) => ({ name, shape, count: shape.reduce((product, size) => product * size) }));
}
