/** Kernels that need logits: of single tokens, or all logits of a chunk's rows. */
import type { NodeOf } from "../../../../core/tensor/index.ts";
import { type KernelSpec, params, type WorkgroupCount, whole } from "../../kernel.ts";
import type { PassCounts } from "../../layout/descriptor.ts";
import { reduceInclude, rowLanes, weightIncludes } from "../../variants.ts";
import type { OpContext, OpKernels } from "../context.ts";
import { matrixProduct } from "../matrix.ts";
import { type Chunk, within } from "./layout.ts";

type HeadNode = NodeOf<"headStatistics">;

/** Logits of (row, token) pairs that the host lists. */
export function gatherKernels(node: HeadNode, context: OpContext): OpKernels {
  const { pairs, gathered } = context.state;
  const { dtype, stride, shards } = context.matrix(node.inputs.weight);
  const { capabilities } = context;
  const width = context.columns(node.inputs.hidden);
  return shards.map((shard) => ({
    name: node.name,
    forms: [
      {
        shader: "gatherLogits",
        variant: { ...weightIncludes(dtype, capabilities), reduce: reduceInclude(capabilities) },
        constants: { lanes: rowLanes(width, capabilities) },
      },
    ],
    params: params(width, stride, shard.first, shard.last),
    bindings: [shard, whole(pairs, "read"), context.tensor(node.inputs.hidden), whole(gathered, "write")],
    workgroups: (counts) => square(counts.pairs),
    lazy: true,
  }));
}

/** Raw logits of a chunk's rows. */
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

/** Raw logits of a chunk, and the kernels that read them: best tokens, filtered sampling, mixtures of embeddings. */
export function distributionKernels(node: HeadNode, context: OpContext, chunk: Chunk): OpKernels {
  const held = (counts: PassCounts) => counts.distribution || counts.candidateWords > 0;
  const products = logitsKernels(node, context, chunk).map((spec): KernelSpec => {
    return { ...spec, workgroups: (counts) => (held(counts) ? spec.workgroups(counts) : [0]), lazy: true };
  });
  const { candidates, statistics } = context.state;
  return [
    ...products,
    heldKernel(node, context, chunk, {
      shader: "topCandidates",
      lanes: rowLanes(node.attributes.vocabulary, context.capabilities),
      output: candidates,
      wanted: (counts) => counts.candidateWords > 0,
    }),
    // After topCandidates, as it replaces the logits by the weights of mixtures.
    heldKernel(node, context, chunk, {
      shader: "distribution",
      lanes: 256,
      output: statistics,
      wanted: (counts) => counts.distribution,
    }),
    ...mixtureKernels(node, context, chunk),
  ];
}

interface HeldKernel {
  readonly shader: "topCandidates" | "distribution";
  readonly lanes: number;
  /** The buffer that the kernel writes beside the logits. */
  readonly output: GPUBuffer;
  /** Whether a pass has rows for the kernel. */
  readonly wanted: (counts: PassCounts) => boolean;
}

/** A kernel over the logits of a chunk, with a workgroup for each row. */
function heldKernel(node: HeadNode, context: OpContext, chunk: Chunk, held: HeldKernel): KernelSpec {
  const { rows, forbidden, logits } = context.state;
  const variant = { reduce: reduceInclude(context.capabilities) };
  return {
    name: node.name,
    forms: [{ shader: held.shader, variant, constants: { lanes: held.lanes } }],
    params: params(node.attributes.vocabulary, chunk.first, chunk.limit),
    bindings: [
      whole(rows, "read"),
      whole(forbidden, "read"),
      whole(logits, "write"),
      whole(held.output, "write"),
    ],
    workgroups: (counts) => [held.wanted(counts) ? within(chunk, counts.rows) : 0],
    lazy: true,
  };
}

/** Mixtures of embeddings: a kernel for each shard of the embedding. */
function mixtureKernels(node: HeadNode, context: OpContext, chunk: Chunk): OpKernels {
  const { rows, logits } = context.state;
  const { dtype, stride, shards } = context.matrix(node.inputs.embedding);
  const width = context.columns(node.inputs.hidden);
  return shards.map((shard): KernelSpec => {
    const { vocabulary } = node.attributes;
    return {
      name: node.name,
      forms: [{ shader: "mixture", variant: weightIncludes(dtype, context.capabilities) }],
      params: params(width, stride, vocabulary, chunk.first, chunk.limit, shard.first, shard.last),
      bindings: [shard, whole(rows, "read"), whole(logits, "write"), context.tensor(node.outputs.mixture)],
      workgroups: (counts) => [counts.mixture ? within(chunk, counts.rows) : 0, Math.ceil(stride / 64)],
      lazy: true,
    };
  });
}

/** A grid of at least this many workgroups, as a dimension is limited to 65535. */
function square(count: number): WorkgroupCount {
  const side = Math.ceil(Math.sqrt(count));
  return count <= 65535 ? [count] : [side, side];
}
