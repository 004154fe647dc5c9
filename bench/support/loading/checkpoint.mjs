// Checkpoints of LLaDA's family in safetensors files, filled with a block of pseudo-random numbers again and again.
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dtypeBytes, elementCount } from "../../../dist/core/tensor/index.js";
import { blockFormats } from "../../../dist/core/weights/blocks.js";
import { shapeInBytes, storedBlocksField } from "../../../dist/core/weights/storedBlocks.js";

const maxShardBytes = 1e9;

/** LLaDA-8B, and a model of half a billion parameters. */
export const sizes = {
  "8b": { hidden: 4096, layers: 32, heads: 32, kvHeads: 32, mlp: 12288, vocabulary: 126464, tied: false },
  "0.5b": { hidden: 896, layers: 24, heads: 14, kvHeads: 2, mlp: 4864, vocabulary: 151936, tied: true },
};

/** The tensors of a size as [name, shape, dtype]. Four bits are for layers; the embedding and the head have eight. */
function tensorsOf({ hidden, layers, heads, kvHeads, mlp, vocabulary, tied }, dtype) {
  const prefix = "model.transformer";
  const wide = dtype === "q4_0" ? "q8_0" : dtype;
  const kvWidth = (hidden / heads) * kvHeads;
  return [
    [`${prefix}.wte.weight`, [vocabulary, hidden], wide],
    [`${prefix}.ln_f.weight`, [hidden], "bf16"],
    ...(tied ? [] : [[`${prefix}.ff_out.weight`, [vocabulary, hidden], wide]]),
    ...Array.from({ length: layers }, (_, index) => `${prefix}.blocks.${index}`).flatMap((layer) => [
      [`${layer}.attn_norm.weight`, [hidden], "bf16"],
      [`${layer}.q_proj.weight`, [hidden, hidden], dtype],
      [`${layer}.k_proj.weight`, [kvWidth, hidden], dtype],
      [`${layer}.v_proj.weight`, [kvWidth, hidden], dtype],
      [`${layer}.attn_out.weight`, [hidden, hidden], dtype],
      [`${layer}.ff_norm.weight`, [hidden], "bf16"],
      [`${layer}.ff_proj.weight`, [mlp, hidden], dtype],
      [`${layer}.up_proj.weight`, [mlp, hidden], dtype],
      [`${layer}.ff_out.weight`, [hidden, mlp], dtype],
    ]),
  ].map(([name, shape, type]) => ({ name, shape, dtype: type }));
}

function configOf({ hidden, layers, heads, kvHeads, mlp, vocabulary, tied }, context, tensors) {
  return {
    architectures: ["LLaDAModelLM"],
    model_type: "llada",
    d_model: hidden,
    n_layers: layers,
    n_heads: heads,
    n_kv_heads: kvHeads,
    mlp_hidden_size: mlp,
    vocab_size: vocabulary,
    embedding_size: vocabulary,
    max_sequence_length: context,
    rope_theta: 500000,
    rms_norm_eps: 1e-5,
    block_type: "llama",
    activation_type: "silu",
    layer_norm_type: "rms",
    rope: true,
    rope_full_precision: true,
    include_bias: false,
    weight_tying: tied,
    mask_token_id: vocabulary - 1,
    eos_token_id: vocabulary - 2,
    pad_token_id: vocabulary - 2,
    ...storedBlocksField(tensors),
  };
}

/** About a megabyte of numbers of a type, of the size that weights have. */
function contentOf({ name, dtype }) {
  // A head with the numbers of the embedding would be taken for the embedding.
  let state = name.length;
  const values = Float32Array.from({ length: 2 ** 19 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.1;
  });
  if (dtype !== "bf16") return blockFormats[dtype].quantize(values, "benchmark");
  return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (word) => word >>> 16).buffer);
}

/**
 * Writes config.json and shards.
 * @param size one of `sizes`, or a size like them
 * @param dtype of the matrices: bf16, q8_0 or q4_0
 * @returns the names of all files, the bytes of the weights, and the number of tensors
 */
export async function writeCheckpoint(folder, size, dtype, context = 4096) {
  const tensors = tensorsOf(size, dtype);
  await writeFile(join(folder, "config.json"), JSON.stringify(configOf(size, context, tensors)));
  const shards = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor);
    if (filled > 0 && filled + bytes > maxShardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1).push(tensor);
    filled += bytes;
  }
  const weightMap = {};
  const names = shards.map((_, index) => `model-${index + 1}-of-${shards.length}.safetensors`);
  for (const [index, shard] of shards.entries()) {
    for (const { name } of shard) weightMap[name] = names[index];
    await writeShard(join(folder, names[index]), shard);
  }
  const indexName = "model.safetensors.index.json";
  await writeFile(join(folder, indexName), JSON.stringify({ weight_map: weightMap }));
  const bytes = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  return { files: ["config.json", indexName, ...names], bytes, tensors: tensors.length };
}

function bytesOf({ shape, dtype }) {
  return dtypeBytes(dtype, elementCount(shape));
}

async function writeShard(path, tensors) {
  const header = {};
  let end = 0;
  for (const tensor of tensors) {
    const { name, shape, dtype } = tensor;
    const start = end;
    end += bytesOf(tensor);
    header[name] =
      dtype === "bf16"
        ? { dtype: "BF16", shape, data_offsets: [start, end] }
        : { dtype: "U8", shape: shapeInBytes(shape, dtype), data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, "w");
  await file.write(Buffer.concat([length, text]));
  for (const tensor of tensors) {
    const content = contentOf(tensor);
    for (let left = bytesOf(tensor); left > 0; left -= content.length)
      await file.write(content, 0, Math.min(left, content.length));
  }
  await file.close();
}
