/** Kernels over tiles of wanted rows and of the vocabulary, and the kernels that merge a row's tiles. */
import type { NodeOf } from "../../../../core/tensor/index.ts";
import { type Binding, type KernelSpec, params, whole } from "../../kernel.ts";
import type { PassCounts } from "../../layout/descriptor.ts";
import { productIncludes, rowLanes } from "../../variants.ts";
import type { OpContext, OpKernels } from "../context.ts";
import { type Chunk, tile, tilesOf, within } from "./layout.ts";

type HeadNode = NodeOf<"headStatistics">;

/** Statistics of every row. */
export function statisticsKernels(
  node: HeadNode,
  context: OpContext,
  chunk: Chunk,
  tiles: number,
): OpKernels {
  const { rows, forbidden, partials, statistics } = context.state;
  const parts = whole(partials, "write");
  const size = (counts: PassCounts) => within(chunk, counts.rows);
  return [
    ...tileKernels(node, context, {
      shader: "headTiles",
      chunk,
      tiles,
      tileRows: tile.m,
      size,
      lazy: false,
      bindings: [whole(rows, "read"), whole(forbidden, "read"), context.tensor(node.inputs.hidden), parts],
    }),
    mergeKernel(node, context, {
      shader: "headMerge",
      chunk,
      tiles,
      size,
      lazy: false,
      bindings: [whole(rows, "read"), parts, whole(statistics, "write")],
    }),
  ];
}

/** Stores the rows' final hidden states, beside those of the step before. */
export function keepKernel(node: HeadNode, context: OpContext): KernelSpec {
  const { rows, kept, keptStep, pairRows, statistics } = context.state;
  return {
    name: node.name,
    forms: [{ shader: "keepHidden" }],
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

/** KL divergence from the distributions of the step before, in passes where some row needs it. */
export function divergenceKernels(
  node: HeadNode,
  context: OpContext,
  chunk: Chunk,
  tiles: number,
): OpKernels {
  const { rows, forbidden, pairRows, divergenceParts, statistics } = context.state;
  const parts = whole(divergenceParts, "write");
  const size = (counts: PassCounts) => (counts.divergence ? within(chunk, counts.rows) : 0);
  return [
    ...tileKernels(node, context, {
      // Each row is two rows of a tile: now, and before.
      shader: "divergenceTiles",
      chunk,
      tiles,
      tileRows: tile.m / 2,
      size,
      lazy: true,
      bindings: [whole(rows, "read"), whole(forbidden, "read"), whole(pairRows, "write"), parts],
    }),
    mergeKernel(node, context, {
      shader: "divergenceMerge",
      chunk,
      tiles,
      size,
      lazy: true,
      bindings: [whole(rows, "read"), parts, whole(statistics, "write")],
    }),
  ];
}

interface TiledPart {
  readonly chunk: Chunk;
  readonly tiles: number;
  readonly bindings: readonly Binding[];
  /** Rows of the chunk in a pass. */
  readonly size: (counts: PassCounts) => number;
  readonly lazy: boolean;
}

/** A kernel over tiles, for each shard of the head. */
function tileKernels(
  node: HeadNode,
  context: OpContext,
  part: TiledPart & { readonly shader: "headTiles" | "divergenceTiles"; readonly tileRows: number },
): OpKernels {
  const { dtype, stride, shards } = context.matrix(node.inputs.weight);
  const width = context.columns(node.inputs.hidden);
  const form = {
    shader: part.shader,
    variant: productIncludes(dtype, width, context.capabilities),
    constants: { tile_m: tile.m, tile_n: tile.n },
  };
  let before = 0;
  return shards.map((shard): KernelSpec => {
    const { first, last } = shard;
    const own = tilesOf(shard);
    const at = before;
    before += own;
    return {
      name: node.name,
      forms: [form],
      params: params(width, stride, first, last, at, part.tiles, part.chunk.first, part.chunk.limit),
      bindings: [shard, ...part.bindings],
      workgroups: (counts) => [Math.ceil(part.size(counts) / part.tileRows), own],
      lazy: part.lazy,
    };
  });
}

/** The kernel that merges the tiles of each row. */
function mergeKernel(
  node: HeadNode,
  { capabilities }: OpContext,
  {
    shader,
    chunk,
    tiles,
    bindings,
    size,
    lazy,
  }: TiledPart & { readonly shader: "headMerge" | "divergenceMerge" },
): KernelSpec {
  return {
    name: node.name,
    forms: [{ shader, constants: { lanes: rowLanes(64, capabilities) } }],
    params: params(tiles, chunk.first, chunk.limit),
    bindings,
    workgroups: (counts) => [size(counts)],
    lazy,
  };
}
