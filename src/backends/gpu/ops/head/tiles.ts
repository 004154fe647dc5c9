/**
 * Kernels that process tiles, each some wanted rows by some entries of the vocabulary, and kernels that merge the tiles of
 * each row.
 */
import type { NodeOf } from "../../../../core/tensor/index.ts";
import { type Binding, type KernelSpec, params, whole } from "../../kernel.ts";
import type { PassCounts } from "../../layout/descriptor.ts";
import { rowLanes, tileIncludes } from "../../variants.ts";
import type { OpContext, OpKernels } from "../context.ts";
import { type Chunk, chunkRows, tile, tileCount } from "./layout.ts";
import { streamHead } from "./streamHead.ts";

type HeadNode = NodeOf<"headStatistics">;

/** Computes the statistics of a chunk's rows. */
export function statisticsKernels(
  node: HeadNode,
  context: OpContext,
  chunk: Chunk,
  tiles: number,
): OpKernels {
  const { rows, forbidden, partials, statistics } = context.state;
  const parts = whole(partials, "write");
  const rowCount = (counts: PassCounts) => chunkRows(chunk, counts.rows);
  const onTensorCores = streamHead(node, context, chunk);
  if (onTensorCores) tiles = onTensorCores.parts;
  return [
    ...(onTensorCores?.kernels ??
      tileKernels(node, context, {
        kernel: "headTiles",
        chunk,
        tiles,
        tileRows: tile.m,
        rowCount,
        lazy: false,
        bindings: [whole(rows, "read"), whole(forbidden, "read"), context.tensor(node.inputs.hidden), parts],
      })),
    mergeKernel(node, context, {
      kernel: "headMerge",
      chunk,
      tiles,
      rowCount,
      lazy: false,
      bindings: [whole(rows, "read"), parts, whole(statistics, "write")],
    }),
  ];
}

/** Stores the final hidden states of the rows. Those of the step before stay available for the divergence. */
export function keepKernel(node: HeadNode, context: OpContext): KernelSpec {
  const { rows, kept, keptStep, pairRows, statistics } = context.state;
  return {
    name: node.name,
    forms: [{ kernel: "keepHidden" }],
    lazy: true,
    params: params(context.columns(node.inputs.hidden)),
    bindings: [
      whole(rows, "read"),
      context.tensor(node.inputs.hidden),
      whole(kept, "write"),
      whole(keptStep, "write"),
      whole(pairRows, "write"),
      whole(statistics, "write"),
    ],
    workgroups: (counts) => [counts.divergence ? counts.rows : 0],
  };
}

/** Computes the KL divergence from the distributions of the step before, in passes in which a row needs it. */
export function divergenceKernels(
  node: HeadNode,
  context: OpContext,
  chunk: Chunk,
  tiles: number,
): OpKernels {
  const { rows, forbidden, pairRows, divergenceParts, statistics } = context.state;
  const parts = whole(divergenceParts, "write");
  const rowCount = (counts: PassCounts) => (counts.divergence ? chunkRows(chunk, counts.rows) : 0);
  return [
    ...tileKernels(node, context, {
      // A wanted row takes two rows of a tile: one for this step, one for the step before.
      kernel: "divergenceTiles",
      chunk,
      tiles,
      tileRows: tile.m / 2,
      rowCount,
      lazy: true,
      bindings: [whole(rows, "read"), whole(forbidden, "read"), whole(pairRows, "write"), parts],
    }),
    mergeKernel(node, context, {
      kernel: "divergenceMerge",
      chunk,
      tiles,
      rowCount,
      lazy: true,
      bindings: [whole(rows, "read"), parts, whole(statistics, "write")],
    }),
  ];
}

interface TiledWork {
  readonly chunk: Chunk;
  /** Tiles of the vocabulary in all shards. */
  readonly tiles: number;
  readonly bindings: readonly Binding[];
  /** The number of the chunk's rows that a pass processes. */
  readonly rowCount: (counts: PassCounts) => number;
  readonly lazy: boolean;
}

/** Kernels that process tiles, one per shard of the head. */
function tileKernels(
  node: HeadNode,
  context: OpContext,
  work: TiledWork & { readonly kernel: "headTiles" | "divergenceTiles"; readonly tileRows: number },
): OpKernels {
  const { dtype, stride, shards } = context.matrix(node.inputs.weight);
  const width = context.columns(node.inputs.hidden);
  const form = {
    kernel: work.kernel,
    variant: tileIncludes(dtype, width, context.capabilities),
    constants: { tile_m: tile.m, tile_n: tile.n },
  };
  let nextTile = 0;
  return shards.map((shard): KernelSpec => {
    const { first, last } = shard;
    const shardTiles = tileCount(shard);
    const firstTile = nextTile;
    nextTile += shardTiles;
    return {
      name: node.name,
      forms: [form],
      params: params(width, stride, first, last, firstTile, work.tiles, work.chunk.first, work.chunk.limit),
      bindings: [shard, ...work.bindings],
      workgroups: (counts) => [Math.ceil(work.rowCount(counts) / work.tileRows), shardTiles],
      lazy: work.lazy,
    };
  });
}

/** The kernel that merges the tiles of each row. */
function mergeKernel(
  node: HeadNode,
  { capabilities }: OpContext,
  {
    kernel,
    chunk,
    tiles,
    bindings,
    rowCount,
    lazy,
  }: TiledWork & { readonly kernel: "headMerge" | "divergenceMerge" },
): KernelSpec {
  return {
    name: node.name,
    forms: [{ kernel, constants: { lanes: rowLanes(64, capabilities) } }],
    params: params(tiles, chunk.first, chunk.limit),
    bindings,
    workgroups: (counts) => [rowCount(counts)],
    lazy,
  };
}
