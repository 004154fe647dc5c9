/** The kernels with which the device decides: the descriptor of the step, the list of wanted rows, commits, log-probabilities and soft embeddings. */
import type { NodeOf } from "../../../core/tensor/index.ts";
import { decisionLayout, positionMemoryLayout } from "../../layout/index.ts";
import { gathers } from "../deviceDecoders.ts";
import { type KernelSpec, params, whole } from "../kernel.ts";
import { reduceInclude, rowLanes, weightIncludes } from "../variants.ts";
import type { OpContext } from "./context.ts";

/** Bytes of the position memory of decoders, and of their decisions. */
export function memoryBytes(positions: number, rows: number): number {
  return 4 * (positions * positionMemoryLayout.words + decisionLayout.words * rows);
}

/** Before the body: the descriptor of the step, where the host does not write it. */
export function planStepKernels({ state }: OpContext, tileQueries: number): readonly KernelSpec[] {
  return [
    {
      name: "planStep",
      forms: [{ kernel: "planStep" }],
      params: params(tileQueries),
      bindings: [whole(state.submission, "read"), whole(state.tokens, "read"), whole(state.flags, "write")],
      workgroups: ({ device }) => [device ? 1 : 0],
      step: "plans",
      lazy: true,
    },
  ];
}

/** Before the head: the list of wanted rows, where the host does not write it. */
export function listRowsKernels({ state }: OpContext): readonly KernelSpec[] {
  return [
    {
      name: "listRows",
      forms: [{ kernel: "listRows" }],
      params: params(),
      bindings: [whole(state.flags, "read"), whole(state.rows, "write")],
      workgroups: ({ device, requests }) => [device ? requests : 0],
      step: "decides",
      lazy: true,
    },
  ];
}

/** Behind the head: decisions. */
export function commitKernels(node: NodeOf<"headStatistics">, context: OpContext): readonly KernelSpec[] {
  const { state, plan } = context;
  const { capabilities } = context;
  const head = context.matrix(node.inputs.weight);
  const scratchAt = plan.capacity.positions * positionMemoryLayout.words;
  const gather = head.shards.map((shard): KernelSpec => {
    const hidden = context.columns(node.inputs.hidden);
    return {
      name: "gatherTokens",
      forms: [
        {
          kernel: "gatherTokens",
          variant: { ...weightIncludes(head.dtype, capabilities), reduce: reduceInclude(capabilities) },
          constants: { lanes: rowLanes(hidden, capabilities) },
        },
      ],
      params: params(hidden, head.stride, shard.first, shard.last),
      bindings: [
        shard,
        whole(state.rows, "read"),
        whole(state.memory, "read"),
        context.tensor(node.inputs.hidden),
        whole(state.gathered, "write"),
      ],
      workgroups: ({ device, rows }) => [rows, device?.gatheredTokens ?? 0],
      lazy: true,
    };
  });
  const commits = [...context.decoders.values()].map((decoder): KernelSpec => {
    const bindings = [
      whole(state.rows, "read"),
      whole(state.tokens, "write"),
      whole(state.flags, "write"),
      whole(state.statistics, "write"),
      whole(state.memory, "write"),
      whole(state.report, "write"),
    ];
    if (gathers(decoder)) bindings.push(whole(state.gathered, "write"));
    return {
      name: `commit.${decoder.declaration.name}`,
      forms: [
        {
          kernel: decoder.kernel,
          variant: { reduce: reduceInclude(capabilities) },
          constants: { decoder: decoder.number },
        },
      ],
      params: params(scratchAt),
      bindings,
      workgroups: ({ device, requests }) => [device?.decoders.has(decoder.number) ? requests : 0],
      step: "decides",
      lazy: true,
    };
  });
  const softEmbeddings = softEmbeddingKernels(node, context).map((spec): KernelSpec => {
    return { ...spec, workgroups: (counts) => (counts.device ? spec.workgroups(counts) : [0]) };
  });
  const writeLogprobs: KernelSpec = {
    name: "writeLogprobs",
    forms: [{ kernel: "writeLogprobs" }],
    params: params(scratchAt),
    bindings: [
      whole(state.rows, "read"),
      whole(state.memory, "read"),
      whole(state.statistics, "read"),
      whole(state.candidates, "read"),
      whole(state.logprobs, "write"),
    ],
    workgroups: ({ device, requests, candidateWords }) => [device && candidateWords > 0 ? requests : 0],
    lazy: true,
  };
  return [...gather, ...commits, writeLogprobs, ...softEmbeddings];
}

/** Soft embeddings of positions that stay undecided. */
export function softEmbeddingKernels(
  node: NodeOf<"headStatistics">,
  context: OpContext,
): readonly KernelSpec[] {
  const { dtype, stride, shards } = context.matrix(node.inputs.embedding);
  const { rows, soft, flags } = context.state;
  return shards.map((shard) => ({
    name: "updateSoftEmbeddings",
    forms: [{ kernel: "updateSoftEmbeddings", variant: weightIncludes(dtype, context.capabilities) }],
    params: params(context.columns(node.inputs.hidden), stride, shard.first, shard.last),
    bindings: [
      shard,
      whole(rows, "read"),
      context.tensor(node.outputs.mixture),
      whole(soft, "write"),
      whole(flags, "write"),
    ],
    workgroups: (counts) => [counts.mixture ? counts.rows : 0],
    lazy: true,
  }));
}
