/** The work of a forward pass of LLaDA-MoE-7B-A1B, kernel by kernel: one sequence with 96 rows that see 1,024 keys each. */
const rows = 96;
const context = 1024;
const layers = 16;
const hidden = 2048;
const [heads, kvHeads, width] = [16, 16, 128];
const [experts, topK, intermediate] = [64, 8, 1024];
const vocabulary = 157184;

const bf16 = 2;
const f32 = 4;
const stage = { rows: 128, columns: 64 };
/** As stream.cuh and src/backends/gpu/ops/tensorCores/shapes.ts divide work. */
const busyBlocks = 264;
const ringBytes = (eights) => {
  const slot = bf16 * stage.columns * (stage.rows + 8 * eights);
  return slot * Math.min(5, Math.floor((96 * 1024) / slot));
};

/** A product of all rows with a matrix. Blocks of a panel find rows of x, and sums of splits, in cache. */
function product(name, inFeatures, outFeatures, count) {
  const panels = outFeatures / stage.rows;
  const splits = Math.max(
    1,
    Math.min(Math.floor(busyBlocks / panels), Math.floor(inFeatures / stage.columns / 4)),
  );
  return {
    name,
    count,
    file: "streamProduct",
    pattern: /stream_product_kernel.*XBf16ELj16ELb0/,
    threads: 128,
    dynamicBytes: ringBytes(16),
    bytes: bf16 * inFeatures * outFeatures,
    cacheBytes: bf16 * rows * inFeatures * panels + (splits > 1 ? 2 * f32 * splits * rows * outFeatures : 0),
    flops: 2 * rows * inFeatures * outFeatures,
  };
}

/** A product of experts, all of which have rows. */
function expertProduct(name, inFeatures, outFeatures) {
  return {
    name,
    count: layers,
    file: "streamExperts",
    pattern: /stream_experts_kernel.*XBf16/,
    threads: 128,
    dynamicBytes: ringBytes(8),
    bytes: bf16 * experts * inFeatures * outFeatures,
    cacheBytes: bf16 * rows * topK * inFeatures * (outFeatures / stage.rows),
    flops: 2 * rows * topK * inFeatures * outFeatures,
  };
}

/** A kernel without a matrix, of what lies in cache. */
function small(
  name,
  file,
  pattern,
  { count = layers, cacheBytes, threads = 256, dynamicBytes = 0, flops = 0 },
) {
  return { name, count, file, pattern, threads, dynamicBytes, bytes: 0, cacheBytes, flops };
}

export function workOf() {
  const tokens = rows * hidden;
  const projected = (heads + 2 * kvHeads) * width;
  const parts = rows * (vocabulary / stage.rows) * 36;
  return [
    small("norm", "norm", /norm_kernel/, { cacheBytes: tokens * (f32 + bf16) }),
    product("queries, keys, values", hidden, projected, layers),
    small("head norm, RoPE, writes", "qkv", /qkv_kernel.*CacheF16/, {
      cacheBytes: rows * (f32 * projected + f32 * heads * width + bf16 * 2 * kvHeads * width),
      threads: 64,
    }),
    {
      ...small("attention", "tensorAttention", /tensor_attention_kernelILj128/, {
        // The shares of the keys: eight for each tile of 64 rows and head.
        cacheBytes: 2 * f32 * Math.ceil(rows / 64) * heads * 8 * 64 * (width + 2),
        threads: 128,
        dynamicBytes: 4 * 64 * bf16 * width,
        flops: 4 * rows * context * heads * width,
      }),
      bytes: 2 * bf16 * context * kvHeads * width,
    },
    product("output, residual", heads * width, hidden, layers),
    {
      ...small("norm, router", "route", /route_kernel.*WeightsBf16E/, {
        cacheBytes: bf16 * rows * experts * hidden,
        dynamicBytes: f32 * (3 * experts + hidden),
      }),
      bytes: bf16 * experts * hidden,
    },
    small("groups", "group", /group_kernel/, {
      cacheBytes: 3 * f32 * rows * topK,
      dynamicBytes: 44 * experts,
    }),
    expertProduct("experts, gate and up", hidden, 2 * intermediate),
    expertProduct("experts, down", intermediate, hidden),
    small("combine, residual", "combine", /combine_kernel/, {
      cacheBytes: f32 * tokens * (topK + 2),
      threads: 64,
    }),
    {
      name: "head",
      count: 1,
      file: "streamHead",
      pattern: /stream_head_kernelILj16/,
      threads: 128,
      dynamicBytes: ringBytes(16),
      bytes: bf16 * hidden * vocabulary,
      cacheBytes: bf16 * rows * hidden * (vocabulary / stage.rows) + parts,
      flops: 2 * rows * hidden * vocabulary,
    },
    small("parts of the head", "headMerge", /head_merge_kernel/, {
      count: 1,
      cacheBytes: parts,
      threads: 64,
    }),
  ];
}
