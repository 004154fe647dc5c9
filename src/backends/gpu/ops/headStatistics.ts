/**
 * The head: statistics of each wanted row's distribution, computed by tile of the vocabulary and merged; then kernels that
 * only some rows need. Rows are processed in chunks, which bounds the buffers between kernels.
 */
import type { NodeOf } from "../../../core/tensor/index.ts";
import { logitsChunk } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { type Chunk, chunksOf, headLayout } from "./head/layout.ts";
import { distributionKernels, gatherKernels, logitsKernels } from "./head/logits.ts";
import { divergenceKernels, keepKernel, statisticsKernels } from "./head/tiles.ts";

export function headStatistics(node: NodeOf<"headStatistics">, context: OpContext): OpKernels {
  const capacityRows = context.plan.capacity.rows;
  const { shards } = context.matrix(node.inputs.weight);
  const layout = headLayout(node.attributes.vocabulary, capacityRows, shards);
  const tiledChunks = chunksOf(capacityRows, layout.rows);
  const logitsChunks = chunksOf(capacityRows, layout.logitsRows);
  return [
    ...tiledChunks.flatMap((chunk) => statisticsKernels(node, context, chunk, layout.tiles)),
    keepKernel(node, context),
    ...tiledChunks.flatMap((chunk) => divergenceKernels(node, context, chunk, layout.tiles)),
    ...gatherKernels(node, context),
    ...logitsChunks.flatMap((chunk) => distributionKernels(node, context, chunk)),
  ];
}

/** By chunk of rows: the kernels that compute raw logits, for debugging. */
export function headLogits(
  node: NodeOf<"headStatistics">,
  context: OpContext,
): readonly (Chunk & { kernels: OpKernels })[] {
  const { rows } = context.plan.capacity;
  return chunksOf(rows, logitsChunk(node.attributes.vocabulary, rows)).map((chunk) => ({
    ...chunk,
    kernels: logitsKernels(node, context, chunk),
  }));
}
