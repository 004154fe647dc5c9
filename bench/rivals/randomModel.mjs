// Models of random weights, as checkpoints that exist only while they are read. A number depends on its tensor and its place.
import { preTokenizerOf, preTokenizerParts } from "../../dist/core/gguf/preTokenizers.js";
import { memory } from "../../dist/sources/memory.js";

const vocabulary = 1024;
/** One token for every byte: a text of n letters is n tokens. */
const end = 256;
const mask = 257;

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
function tensorsOf(config) {
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

/** The bits of the bf16 numbers [start, start + count) of a tensor: near one for a norm, else about normal. */
function numbers(name, seed, start, count, width) {
  const out = new Uint16Array(count);
  const number = new Float32Array(1);
  const bits = new Uint32Array(number.buffer);
  const isNorm = name.includes("norm");
  const deviation = 1 / Math.sqrt(width);
  for (let index = 0; index < count; index++) {
    let hash = Math.imul(start + index + 1, 0x9e3779b1) ^ seed;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    // The sum of four bytes, with a mean of 0 and a deviation of 1.
    const sum = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24);
    const normal = (sum - 510) / 147.8;
    number[0] = isNorm ? 1 + 0.1 * normal : deviation * normal;
    out[index] = bits[0] >>> 16;
  }
  return new Uint8Array(out.buffer);
}

function weightFile(config) {
  const tensors = tensorsOf(config);
  let at = 0;
  const places = tensors.map((tensor, index) => {
    const start = at;
    at += 2 * tensor.count;
    return { ...tensor, start, end: at, seed: Math.imul(index + 1, 0x27d4eb2f) };
  });
  const entry = ({ name, shape, start, end: stop }) => [
    name,
    { dtype: "BF16", shape, data_offsets: [start, stop] },
  ];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(places.map(entry))));
  const header = new Uint8Array(8 + json.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  header.set(json, 8);
  return {
    name: "model.safetensors",
    size: header.length + at,
    async read(offset, length) {
      const out = new Uint8Array(length);
      out.set(header.subarray(offset, offset + length));
      const from = offset - header.length;
      for (const { name, shape, start, end: stop, seed } of places) {
        const first = Math.max(start, from);
        const last = Math.min(stop, from + length);
        if (first >= last) continue;
        const whole = (first - start) >> 1;
        const count = Math.ceil((last - start) / 2) - whole;
        const bytes = numbers(name, seed, whole, count, shape.at(-1));
        const skip = first - start - 2 * whole;
        out.set(bytes.subarray(skip, skip + last - first), first - from);
      }
      return out;
    },
  };
}

/** The characters of bytes in vocabularies of byte pairs. */
function byteCharacters() {
  const isPlain = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPlain(byte) ? byte : 256 + others++));
}

function tokenizer() {
  const vocab = Object.fromEntries(byteCharacters().map((character, id) => [character, id]));
  const special = (id, content) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  return {
    ...preTokenizerParts(preTokenizerOf("qwen2")),
    added_tokens: [special(end, "<|end|>"), special(mask, "<|mask|>")],
    model: { type: "BPE", vocab, merges: [] },
  };
}

/** @returns a ModelSource with a model of a name in `configs` */
export function randomModel(name) {
  const config = configs[name];
  const weights = weightFile(config);
  const json = { "config.json": JSON.stringify(config), "tokenizer.json": JSON.stringify(tokenizer()) };
  const others = memory(json, `random ${name}`);
  return {
    name: others.name,
    list: async () => [...(await others.list()), weights.name],
    open: async (file, signal) => (file === weights.name ? weights : others.open(file, signal)),
  };
}
