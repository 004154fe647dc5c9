/** Bytes of scratch memory that a thread needs; the layouts are those of the kernels. */
import type { Plan } from "../../core/tensor/index.ts";

/** Unpacked columns of a panel (assembly/panel.ts). */
const unpackedBytes = 8192 + 2 * 2048;
/** Sums of 8 panels and 32 tiles (assembly/product.ts). */
const productBytes = 8 * 32 * 128;
/** Four rows in f32 and in i16 (assembly/activations.ts). */
const packedRowsBytes = 4 * (4 + 2);

export function scratchBytes(plans: readonly Plan[]): number {
  const dimensions = plans.flatMap(({ tensors }) =>
    tensors.filter(({ storage }) => storage === "weight").map(({ shape }) => Number(shape.at(-1))),
  );
  const columns = Math.max(0, ...dimensions);
  const heads = plans.flatMap(({ nodes }) =>
    nodes.map((node) => (node.op === "attention" ? attentionBytes(node.attributes.headDimension) : 0)),
  );
  return unpackedBytes + Math.max(productBytes, packedRowsBytes * columns, ...heads);
}

/** Chunks of 64 keys and values, 32 tiles of queries and sums, scores and weights of a tile (assembly/attention.ts). */
function attentionBytes(width: number): number {
  const valuePanels = Math.ceil(width / 8);
  const chunks = 8 * 32 * width + valuePanels * 64 * 32;
  return chunks + 32 * (16 * width + 128 * valuePanels) + 1024 + 1024 + 3 * 512;
}
