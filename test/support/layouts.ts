/** The tensors of each family's checkpoints, written independently of the code that reads them. */
import type { Shape } from "../../src/core/tensor/dtype.ts";

export type Config = Readonly<Record<string, unknown>>;
export interface LayoutTensor {
  readonly name: string;
  readonly shape: Shape;
  /** bf16 if absent. */
  readonly dtype?: "f32";
}
export type Layout = (config: Config) => readonly LayoutTensor[];

const number = (config: Config, field: string, fallback?: number) => Number(config[field] ?? fallback);
const tensor = (name: string, ...shape: number[]): LayoutTensor => ({ name, shape });

/** Gate, up and down projections under one prefix. */
function feedForward(prefix: string, hidden: number, width: number): readonly LayoutTensor[] {
  return [
    tensor(`${prefix}.gate_proj.weight`, width, hidden),
    tensor(`${prefix}.up_proj.weight`, width, hidden),
    tensor(`${prefix}.down_proj.weight`, hidden, width),
  ];
}

function experts(prefix: string, config: Config, width: number): readonly LayoutTensor[] {
  const hidden = number(config, "hidden_size");
  const count = number(config, "num_experts");
  return [
    tensor(`${prefix}.gate.weight`, count, hidden),
    ...Array.from({ length: count }, (_, e) => feedForward(`${prefix}.experts.${e}`, hidden, width)).flat(),
  ];
}

interface LlamaLayout {
  readonly bias?: boolean;
  readonly norm?: boolean;
  readonly head?: boolean;
  /** The field with the experts' width; if present, all layers are mixtures of experts. */
  readonly expertWidth?: string;
}

/** Llama, Qwen2, Qwen3, their mixtures of experts, and models derived from them. */
export function llamaLayout({ bias = false, norm = false, head = true, expertWidth }: LlamaLayout): Layout {
  return (config) => {
    const hidden = number(config, "hidden_size");
    const vocabulary = number(config, "vocab_size");
    const heads = number(config, "num_attention_heads");
    const width = number(config, "head_dim", hidden / heads);
    const outputs = [
      ["q_proj", heads * width],
      ["k_proj", number(config, "num_key_value_heads") * width],
      ["v_proj", number(config, "num_key_value_heads") * width],
    ] as const;
    const layers = Array.from({ length: number(config, "num_hidden_layers") }, (_, layer) => {
      const at = `model.layers.${layer}`;
      return [
        tensor(`${at}.input_layernorm.weight`, hidden),
        tensor(`${at}.post_attention_layernorm.weight`, hidden),
        ...outputs.map(([name, rows]) => tensor(`${at}.self_attn.${name}.weight`, rows, hidden)),
        ...(bias ? outputs.map(([name, rows]) => tensor(`${at}.self_attn.${name}.bias`, rows)) : []),
        ...(norm ? ["q_norm", "k_norm"].map((name) => tensor(`${at}.self_attn.${name}.weight`, width)) : []),
        tensor(`${at}.self_attn.o_proj.weight`, hidden, heads * width),
        ...(expertWidth
          ? experts(`${at}.mlp`, config, number(config, expertWidth))
          : feedForward(`${at}.mlp`, hidden, number(config, "intermediate_size"))),
      ];
    });
    return [
      tensor("model.embed_tokens.weight", vocabulary, hidden),
      ...layers.flat(),
      tensor("model.norm.weight", hidden),
      ...(head ? [tensor("lm_head.weight", vocabulary, hidden)] : []),
    ];
  };
}

export function lladaLayout(head: boolean): Layout {
  return (config) => {
    const hidden = number(config, "d_model");
    const vocabulary = number(config, "embedding_size");
    const wide = number(config, "mlp_hidden_size");
    const keys = (hidden / number(config, "n_heads")) * number(config, "n_kv_heads");
    const layers = Array.from({ length: number(config, "n_layers") }, (_, layer) => {
      const at = `model.transformer.blocks.${layer}`;
      return [
        tensor(`${at}.attn_norm.weight`, hidden),
        tensor(`${at}.ff_norm.weight`, hidden),
        tensor(`${at}.q_proj.weight`, hidden, hidden),
        tensor(`${at}.k_proj.weight`, keys, hidden),
        tensor(`${at}.v_proj.weight`, keys, hidden),
        tensor(`${at}.attn_out.weight`, hidden, hidden),
        tensor(`${at}.ff_proj.weight`, wide, hidden),
        tensor(`${at}.up_proj.weight`, wide, hidden),
        tensor(`${at}.ff_out.weight`, hidden, wide),
      ];
    });
    return [
      tensor("model.transformer.wte.weight", vocabulary, hidden),
      ...layers.flat(),
      tensor("model.transformer.ln_f.weight", hidden),
      ...(head ? [tensor("model.transformer.ff_out.weight", vocabulary, hidden)] : []),
    ];
  };
}

export const llada2Layout: Layout = (config) => {
  const hidden = number(config, "hidden_size");
  const vocabulary = number(config, "vocab_size");
  const heads = number(config, "num_attention_heads");
  const width = number(config, "head_dim");
  const rows = (heads + 2 * number(config, "num_key_value_heads")) * width;
  const expertWidth = number(config, "moe_intermediate_size");
  const layers = Array.from({ length: number(config, "num_hidden_layers") }, (_, layer) => {
    const at = `model.layers.${layer}`;
    const dense = layer < number(config, "first_k_dense_replace");
    const bias = tensor(`${at}.mlp.gate.expert_bias`, number(config, "num_experts"));
    return [
      tensor(`${at}.input_layernorm.weight`, hidden),
      tensor(`${at}.post_attention_layernorm.weight`, hidden),
      tensor(`${at}.attention.query_key_value.weight`, rows, hidden),
      tensor(`${at}.attention.query_layernorm.weight`, width),
      tensor(`${at}.attention.key_layernorm.weight`, width),
      tensor(`${at}.attention.dense.weight`, hidden, heads * width),
      ...(dense
        ? feedForward(`${at}.mlp`, hidden, number(config, "intermediate_size"))
        : [
            ...experts(`${at}.mlp`, config, expertWidth),
            { ...bias, dtype: "f32" as const },
            ...feedForward(`${at}.mlp.shared_experts`, hidden, expertWidth),
          ]),
    ];
  });
  return [
    tensor("model.word_embeddings.weight", vocabulary, hidden),
    ...layers.flat(),
    tensor("model.norm.weight", hidden),
    tensor("lm_head.weight", vocabulary, hidden),
  ];
};
