/**
 * A checkpoint as the GGUF file that llama.cpp's converter makes of it: its keys, its tensor names, its permutation of
 * queries and keys, its stacks of experts. A test compares the bytes with those of llama.cpp's own package.
 */
import { concatenate } from "../../src/core/concatenate.ts";
import type { ModelSource } from "../../src/core/index.ts";
import type { JsonObject } from "../../src/core/jsonObject.ts";
import type { DType } from "../../src/core/tensor/index.ts";
import { openCheckpoint, readJson, type TensorEntry } from "../../src/core/weights/index.ts";
import { type GgufEntry, type GgufTensor, ggufBytes } from "./ggufBytes.ts";

export type LlamaCppArchitecture = "llada" | "llada-moe" | "dream" | "qwen2" | "qwen3" | "rnd1" | "llama";

const bidirectional: readonly LlamaCppArchitecture[] = ["llada", "llada-moe", "dream", "rnd1"];
const unshifted: readonly LlamaCppArchitecture[] = ["llada", "llada-moe"];
const permuted: readonly LlamaCppArchitecture[] = ["llada", "llama"];
const typeNumbers: Partial<Record<DType, number>> = { f32: 0, f16: 1, bf16: 30 };

/** The last part of a tensor's name in checkpoints, and in GGUF. */
const leaves: Readonly<Record<string, string>> = {
  attn_norm: "attn_norm",
  input_layernorm: "attn_norm",
  attn_out: "attn_output",
  o_proj: "attn_output",
  q_proj: "attn_q",
  k_proj: "attn_k",
  v_proj: "attn_v",
  q_norm: "attn_q_norm",
  k_norm: "attn_k_norm",
  ff_norm: "ffn_norm",
  post_attention_layernorm: "ffn_norm",
  ff_proj: "ffn_gate",
  gate_proj: "ffn_gate",
  up_proj: "ffn_up",
  ff_out: "ffn_down",
  down_proj: "ffn_down",
  gate: "ffn_gate_inp",
};
const outer: Readonly<Record<string, string>> = {
  "model.transformer.wte.weight": "token_embd.weight",
  "model.embed_tokens.weight": "token_embd.weight",
  "model.transformer.ln_f.weight": "output_norm.weight",
  "model.norm.weight": "output_norm.weight",
  "model.transformer.ff_out.weight": "output.weight",
  "lm_head.weight": "output.weight",
};

function ggufName(name: string): string {
  const direct = outer[name];
  if (direct !== undefined) return direct;
  const [, layer, path] = /^model\.(?:transformer\.blocks|layers)\.(\d+)\.(.+)$/.exec(name) ?? [];
  const [leaf, kind] = path?.split(".").slice(-2) ?? [];
  const mapped = leaf === undefined ? undefined : leaves[leaf];
  if (mapped === undefined) throw new Error(`The converter has no name for '${name}'`);
  return `blk.${layer}.${mapped}${path!.includes(".experts.") ? "_exps" : ""}.${kind}`;
}

async function bytesOf({ source, offset, bytes }: TensorEntry): Promise<Uint8Array> {
  return source.read(offset, bytes);
}

/** Row (head, j, half) of the result is row (head, half, j) of the matrix. */
function permute(bytes: Uint8Array, heads: number, rows: number): Uint8Array {
  const rowBytes = bytes.length / rows;
  const width = rows / heads;
  const order = Array.from({ length: rows }, (_, row) => {
    const [head, within] = [Math.floor(row / width), row % width];
    return head * width + (within % 2) * (width / 2) + Math.floor(within / 2);
  });
  return concatenate(order.map((row) => bytes.subarray(row * rowBytes, (row + 1) * rowBytes)));
}

/** @param extra further metadata: a tokenizer */
export async function llamaCppFile(
  source: ModelSource,
  architecture: LlamaCppArchitecture,
  extra: readonly GgufEntry[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const config = await readJson(source, "config.json");
  const get = (...keys: readonly string[]) =>
    keys.map((key) => config[key]).find((value) => value != null) as number;
  const heads = get("num_attention_heads", "n_heads");
  const kvHeads = get("num_key_value_heads", "n_kv_heads");
  const tensors: GgufTensor[] = [];
  const stacks = new Map<string, Uint8Array[]>();
  for (const tensor of (await openCheckpoint(source)).tensors.values()) {
    const { name, shape, dtype } = tensor;
    let bytes = await bytesOf(tensor);
    const projection = /\.([qk])_proj\.weight$/.exec(name)?.[1];
    if (projection && permuted.includes(architecture)) {
      bytes = permute(bytes, projection === "q" ? heads : kvHeads, shape[0]!);
    }
    const type = typeNumbers[dtype]!;
    const expert = /\.experts\.(\d+)\./.exec(name)?.[1];
    if (expert === undefined) {
      // Vectors and the router are always in f32.
      const isExact = shape.length === 1 || /\.gate\.weight$/.test(name);
      tensors.push({ name: ggufName(name), shape, ...(isExact ? widened(bytes, dtype) : { type, bytes }) });
      continue;
    }
    const stack = stacks.get(ggufName(name)) ?? [];
    stacks.set(ggufName(name), stack);
    stack[Number(expert)] = bytes;
    if (Object.keys(stack).length < get("num_experts")) continue;
    tensors.push({ name: ggufName(name), shape: [stack.length, ...shape], type, bytes: concatenate(stack) });
  }
  const divisors = ropeDivisors(config);
  if (divisors) {
    const bytes = new Uint8Array(Float32Array.from(divisors).buffer);
    tensors.unshift({ name: "rope_freqs.weight", shape: [divisors.length], type: 0, bytes });
  }
  const all = metadataOf(config, architecture, {
    get,
    heads,
    kvHeads,
    fileType: typeNumbers[firstDType(tensors)]!,
  });
  return ggufBytes({ entries: [...all, ...extra], tensors });
}

/** The converter's `generate_extra_tensors` for Llama 3. */
function ropeDivisors(config: JsonObject): readonly number[] | undefined {
  const scaling = config["rope_scaling"] as Readonly<Record<string, unknown>> | null | undefined;
  if (scaling?.["rope_type"] !== "llama3") return undefined;
  const field = (name: string) => scaling[name] as number;
  const [low, high] = [field("low_freq_factor"), field("high_freq_factor")];
  const context = field("original_max_position_embeddings");
  const dimension = config["head_dim"] as number;
  return Array.from({ length: dimension / 2 }, (_, k) => {
    const wavelength = 2 * Math.PI * (config["rope_theta"] as number) ** ((2 * k) / dimension);
    if (wavelength < context / high) return 1;
    if (wavelength > context / low) return field("factor");
    const smooth = (context / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / field("factor") + smooth);
  });
}

function firstDType(tensors: readonly GgufTensor[]): DType {
  return tensors.some(({ type }) => type === 30) ? "bf16" : "f32";
}

function widened(bytes: Uint8Array, dtype: DType): Pick<GgufTensor, "type" | "bytes"> {
  if (dtype === "f32") return { type: 0, bytes };
  if (dtype !== "bf16") throw new Error(`The converter's double knows f32 and bf16: found ${dtype}`);
  const halves = new Uint16Array(bytes.slice().buffer);
  return { type: 0, bytes: new Uint8Array(Uint32Array.from(halves, (half) => half << 16).buffer) };
}

function metadataOf(
  config: JsonObject,
  architecture: LlamaCppArchitecture,
  {
    get,
    heads,
    kvHeads,
    fileType,
  }: {
    readonly get: (...keys: readonly string[]) => number;
    readonly heads: number;
    readonly kvHeads: number;
    readonly fileType: number;
  },
): readonly GgufEntry[] {
  const own = (name: string, value: number | undefined, type: "u32" | "f32" = "u32"): GgufEntry[] =>
    value === undefined ? [] : [[`${architecture}.${name}`, type, value]];
  const flag = (is: boolean, key: string): GgufEntry[] => (is ? [[key, "bool", false]] : []);
  const id = (role: string, value: unknown): GgufEntry[] =>
    value == null ? [] : [[`tokenizer.ggml.${role}_token_id`, "u32", value as number]];
  return [
    ["general.architecture", "string", architecture],
    ["general.type", "string", "model"],
    ...own("block_count", get("num_hidden_layers", "n_layers")),
    ...own("context_length", get("max_position_embeddings", "max_sequence_length")),
    ...own("embedding_length", get("hidden_size", "d_model")),
    ...own("feed_forward_length", get("intermediate_size", "mlp_hidden_size")),
    ...own("attention.head_count", heads),
    ...own("attention.head_count_kv", kvHeads),
    ...own("rope.freq_base", get("rope_theta"), "f32"),
    ...own("attention.layer_norm_rms_epsilon", get("rms_norm_eps"), "f32"),
    ...own("expert_count", get("num_experts")),
    ...own("expert_used_count", get("num_experts_per_tok")),
    ...own("expert_feed_forward_length", get("expert_intermediate_size", "moe_intermediate_size")),
    ...own("attention.key_length", get("head_dim")),
    ...own("attention.value_length", get("head_dim")),
    ["general.file_type", "u32", fileType === 30 ? 32 : 0],
    ...flag(bidirectional.includes(architecture), `${architecture}.attention.causal`),
    ...flag(unshifted.includes(architecture), "diffusion.shift_logits"),
    ...id("eos", config["eos_token_id"]),
    ...id("mask", config["mask_token_id"]),
  ];
}
