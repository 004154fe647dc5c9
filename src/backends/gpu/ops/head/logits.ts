/** Kernels that compute logits, of single tokens or of the whole vocabulary, and kernels that read whole rows of logits. */
import type { NodeOf } from "../../../../core/tensor/index.ts";
import type { DeviceBuffer } from "../../buffer.ts";
import { type KernelSpec, params, type WorkgroupCount, whole } from "../../kernel.ts";
import type { PassCounts } from "../../layout/descriptor.ts";
import { reduceInclude, rowLanes, weightIncludes } from "../../variants.ts";
import type { OpContext, OpKernels } from "../context.ts";
import { matrixProduct } from "../matrix.ts";
import { type Chunk, chunkRows } from "./layout.ts";

type HeadNode = NodeOf<"headStatistics">;

/** Computes the logits of the (row, token) pairs that the host lists. */
export function gatherKernels(node: HeadNode, context: OpContext): OpKernels {
  const { pairs, gathered } = context.state;
  const { dtype, stride, shards } = context.matrix(node.inputs.weight);
  const { capabilities } = context;
  const width = context.columns(node.inputs.hidden);
  return shards.map((shard) => ({
    name: node.name,
    forms: [
      {
        kernel: "gatherLogits",
        variant: { ...weightIncludes(dtype, capabilities), reduce: reduceInclude(capabilities) },
        constants: { lanes: rowLanes(width, capabilities) },
      },
    ],
    params: params(width, stride, shard.first, shard.last),
    bindings: [shard, whole(pairs, "read"), context.tensor(node.inputs.hidden), whole(gathered, "write")],
    workgroups: (counts) => gridOf(counts.pairs),
    lazy: true,
  }));
}

/** Computes all logits of a chunk's rows. */
export function logitsKernels(node: HeadNode, context: OpContext, { first, limit }: Chunk): OpKernels {
  return matrixProduct(context, {
    name: node.name,
    weight: context.matrix(node.inputs.weight),
    x: context.tensor(node.inputs.hidden),
    y: whole(context.state.logits, "write"),
    inFeatures: context.columns(node.inputs.hidden),
    width: node.attributes.vocabulary,
    ofHead: { first, limit },
  });
}

/** Computes all logits of a chunk's rows, and from these the best tokens, filtered sampling and mixtures of embeddings. */
export function distributionKernels(node: HeadNode, context: OpContext, chunk: Chunk): OpKernels {
  const needsLogits = (counts: PassCounts) => counts.distribution || counts.candidateWords > 0;
  const products = logitsKernels(node, context, chunk).map((spec): KernelSpec => {
    return {
      ...spec,
      workgroups: (counts) => (needsLogits(counts) ? spec.workgroups(counts) : [0]),
      lazy: true,
    };
  });
  const { candidates, statistics } = context.state;
  return [
    ...products,
    rowKernel(node, context, chunk, {
      kernel: "topCandidates",
      lanes: rowLanes(node.attributes.vocabulary, context.capabilities),
      output: candidates,
      wanted: (counts) => counts.candidateWords > 0,
    }),
    // Runs after topCandidates, as it overwrites the logits with the weights of the mixture.
    rowKernel(node, context, chunk, {
      kernel: "distribution",
      lanes: 256,
      output: statistics,
      wanted: (counts) => counts.distribution,
    }),
    ...mixtureKernels(node, context, chunk),
  ];
}

interface RowKernel {
  readonly kernel: "topCandidates" | "distribution";
  readonly lanes: number;
  /** The buffer that the kernel writes in addition to the logits. */
  readonly output: DeviceBuffer;
  /** Whether any row of a pass needs the kernel. */
  readonly wanted: (counts: PassCounts) => boolean;
}

/** A kernel that processes the logits of a chunk, one workgroup per row. */
function rowKernel(node: HeadNode, context: OpContext, chunk: Chunk, kernel: RowKernel): KernelSpec {
  const { rows, forbidden, logits } = context.state;
  const variant = { reduce: reduceInclude(context.capabilities) };
  return {
    name: node.name,
    forms: [{ kernel: kernel.kernel, variant, constants: { lanes: kernel.lanes } }],
    params: params(node.attributes.vocabulary, chunk.first, chunk.limit),
    bindings: [
      whole(rows, "read"),
      whole(forbidden, "read"),
      whole(logits, "write"),
      whole(kernel.output, "write"),
    ],
    workgroups: (counts) => [kernel.wanted(counts) ? chunkRows(chunk, counts.rows) : 0],
    lazy: true,
  };
}

/** Computes the mixtures of embeddings, with one kernel per shard of the embedding. */
function mixtureKernels(node: HeadNode, context: OpContext, chunk: Chunk): OpKernels {
  const { rows, logits } = context.state;
  const { dtype, stride, shards } = context.matrix(node.inputs.embedding);
  const width = context.columns(node.inputs.hidden);
  return shards.map((shard): KernelSpec => {
    const { vocabulary } = node.attributes;
    return {
      name: node.name,
      forms: [{ kernel: "mixture", variant: weightIncludes(dtype, context.capabilities) }],
      params: params(width, stride, vocabulary, chunk.first, chunk.limit, shard.first, shard.last),
      bindings: [shard, whole(rows, "read"), whole(logits, "write"), context.tensor(node.outputs.mixture)],
      workgroups: (counts) => [counts.mixture ? chunkRows(chunk, counts.rows) : 0, Math.ceil(stride / 64)],
      lazy: true,
    };
  });
}

/** A grid of at least `count` workgroups. One dimension holds at most 65535 of them. */
function gridOf(count: number): WorkgroupCount {
  const side = Math.ceil(Math.sqrt(count));
  return count <= 65535 ? [count] : [side, side];
}
