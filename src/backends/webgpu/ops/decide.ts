/** The kernels with which the device decides for itself: which rows are wanted, what is committed, what is softened. */
import type { NodeOf } from "../../../core/tensor/index.ts";
import { deviceDecoders, memoryWords, mostCredits } from "../deviceDecoders.ts";
import { type KernelSpec, params } from "../kernel.ts";
import { whole } from "../memory/memory.ts";
import { reduceInclude, rowLanes, weightInclude } from "../variants.ts";
import type { OpContext } from "./context.ts";

/** What is decided of a wanted row: shaders/include/decision.wgsl. */
const decisionWords = 5;

/** Bytes of what decoders remember, and of their scratch. */
export function memoryBytes(positions: number, rows: number): number {
  return 4 * (positions * memoryWords + decisionWords * rows);
}

/** Before the head: the list of wanted rows, which else the host writes. */
export function listRowsKernels({ state }: OpContext): readonly KernelSpec[] {
  return [
    {
      name: "listRows",
      forms: [{ shader: "listRows" }],
      params: params(),
      bindings: [whole(state.flags, "read"), whole(state.rows, "write")],
      workgroups: ({ device, requests }) => [device ? requests : 0],
      writesControl: true,
      lazy: true,
    },
  ];
}

/** Behind the head. */
export function commitKernels(node: NodeOf<"headStatistics">, context: OpContext): readonly KernelSpec[] {
  const { state, plan } = context;
  const { capabilities } = context;
  const head = context.matrix(node.inputs.weight);
  const scratchAt = plan.capacity.positions * memoryWords;
  const credit = deviceDecoders.get("credit")!;
  const gather = head.shards.map((shard): KernelSpec => {
    const words = [context.columns(node.inputs.hidden), head.stride, shard.first, shard.last];
    return {
      name: "gatherCredits",
      forms: [
        {
          shader: "gatherCredits",
          variant: { weights: weightInclude(head.dtype, capabilities), reduce: reduceInclude(capabilities) },
          constants: { lanes: rowLanes(words[0]!, context.capabilities) },
        },
      ],
      params: params(...words, memoryWords, credit.number),
      bindings: [
        shard,
        whole(state.rows, "read"),
        whole(state.memory, "read"),
        context.tensor(node.inputs.hidden),
        whole(state.gathered, "write"),
      ],
      workgroups: ({ device, rows }) => [
        device?.decoders.has(credit.number) ? rows : 0,
        Math.min(device?.credits ?? 0, mostCredits),
      ],
      lazy: true,
    };
  });
  const commits = [...deviceDecoders.values()].map((decoder): KernelSpec => {
    const bindings = [
      whole(state.rows, "read"),
      whole(state.tokens, "write"),
      whole(state.flags, "write"),
      whole(state.statistics, "write"),
      whole(state.memory, "write"),
      whole(state.report, "write"),
    ];
    if (decoder === credit) bindings.push(whole(state.gathered, "write"));
    return {
      name: `commit.${decoder.name}`,
      forms: [
        {
          shader: decoder.shader,
          variant: { reduce: reduceInclude(capabilities) },
          constants: { decoder: decoder.number },
        },
      ],
      params: params(memoryWords, scratchAt),
      bindings,
      workgroups: ({ device, requests }) => [device?.decoders.has(decoder.number) ? requests : 0],
      writesControl: true,
      lazy: true,
    };
  });
  const soften = softEmbeddingKernels(node, context).map((spec): KernelSpec => {
    return { ...spec, workgroups: (counts) => (counts.device ? spec.workgroups(counts) : [0]) };
  });
  const keep: KernelSpec = {
    name: "keepCandidates",
    forms: [{ shader: "keepCandidates" }],
    params: params(scratchAt),
    bindings: [
      whole(state.rows, "read"),
      whole(state.memory, "read"),
      whole(state.statistics, "read"),
      whole(state.candidates, "read"),
      whole(state.ring, "write"),
    ],
    workgroups: ({ device, requests, candidateWords }) => [device && candidateWords > 0 ? requests : 0],
    lazy: true,
  };
  return [...gather, ...commits, keep, ...soften];
}

/** Soft embeddings of what stays masked. */
export function softEmbeddingKernels(
  node: NodeOf<"headStatistics">,
  context: OpContext,
): readonly KernelSpec[] {
  const { dtype, stride, shards } = context.matrix(node.inputs.embedding);
  const { rows, soft, flags } = context.state;
  return shards.map((shard) => ({
    name: "soften",
    forms: [{ shader: "soften", variant: { weights: weightInclude(dtype, context.capabilities) } }],
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
