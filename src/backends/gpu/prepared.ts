/** What the backend creates from its Plans, once. */
import type { ModelPlans, Plan, PrepareOptions, TensorId } from "../../core/tensor/index.ts";
import { rowStateLayout, stepLayout, wantedRowLayout } from "../layout/index.ts";
import type { DeviceBuffer } from "./buffer.ts";
import type { ComputeDevice, Program } from "./device.ts";
import type { DeviceDecoder } from "./deviceDecoders.ts";
import { whole } from "./kernel.ts";
import { ForbiddenTables } from "./layout/forbiddenTables.ts";
import { descriptorBytes, maxRowStates, maxSteps, maxSubmissionWords } from "./layout/limits.ts";
import type { DeviceMemory } from "./memory/memory.ts";
import { DeviceSlots } from "./memory/slots.ts";
import { makeState, type StateSizes } from "./memory/state.ts";
import type { DeviceWeights } from "./memory/weights.ts";
import type { OpContext, StateBuffers } from "./ops/context.ts";
import { commitKernels, listRowsKernels, planStepKernels, softEmbeddingKernels } from "./ops/decide.ts";
import { headLogits } from "./ops/headStatistics.ts";
import { kernelsOf } from "./ops/kernelsOf.ts";
import { tensorCoreQueries } from "./ops/tensorCores/attention.ts";
import { prepareTensorCores } from "./tensorCores.ts";
import { attentionTile } from "./variants.ts";

export interface Prepared {
  readonly state: StateBuffers;
  readonly sizes: StateSizes;
  readonly slots: DeviceSlots;
  /** Body and head, and the kernels of the device's decisions. */
  readonly step: Program;
  /** Updates soft embeddings, where the host decides. */
  readonly softEmbeddings: Program;
  /** Raw logits, by chunk of wanted rows. */
  readonly logits: readonly { readonly first: number; readonly limit: number; readonly program: Program }[];
  readonly vocabulary: number;
  /** Names of the K/V pool's tensors. */
  readonly caches: readonly string[];
  readonly steps: DeviceBuffer;
  readonly control: DeviceBuffer;
  readonly tileQueries: number;
  /** Scratch of the host: a pass's descriptor or a submission, wanted rows, forbidden tokens. */
  readonly words: Uint32Array;
  readonly rowWords: Uint32Array;
  readonly tables: ForbiddenTables;
}

interface Parts {
  readonly device: ComputeDevice;
  readonly memory: DeviceMemory;
  readonly weights: DeviceWeights;
  readonly decoders: ReadonlyMap<string, DeviceDecoder>;
}

export async function prepare(
  { device, memory, weights, decoders }: Parts,
  plans: ModelPlans,
  options: PrepareOptions,
): Promise<Prepared> {
  const { capabilities } = device;
  const tensors = await memory.prepare([plans.body, plans.head]);
  const headNode = plans.head.nodes.find((node) => node.op === "headStatistics");
  const weightOf = (plan: Plan, id: TensorId) => weights.get(plan.tensors[id]!.name);
  const shardsOfHead = headNode ? weightOf(plans.head, headNode.inputs.weight!).shards : [];
  const { buffers: state, sizes } = await makeState(memory, plans, shardsOfHead, capabilities);
  const dummyBinding = whole(await memory.buffer("unused", 16), "read");
  const tensorCores = await prepareTensorCores({ device, memory, weights, dummyBinding }, plans, options);
  const contextOf = (plan: Plan, index: number): OpContext => ({
    plan,
    capabilities,
    decoders,
    dummyBinding,
    state,
    tensorCores: tensorCores?.buffers,
    tensor: (id) => tensorCores?.binding(plan, id!, tensors[index]!(id!)) ?? tensors[index]!(id!),
    matrix: (id) => weightOf(plan, id!),
    vector: (id) => weights.whole(plan.tensors[id!]!.name).shard,
    dtype: (id) => plan.tensors[id!]!.dtype,
    columns: (id) => Number(plan.tensors[id!]!.shape.at(-1)),
  });
  const body = contextOf(plans.body, 0);
  const head = contextOf(plans.head, 1);
  const attention = plans.body.nodes.find((node) => node.op === "attention");
  const tileQueries = attention
    ? (tensorCoreQueries(plans.body, attention, capabilities) ??
      attentionTile(attention.attributes.headDimension, capabilities).queries)
    : 1;
  const chunks = headNode ? headLogits(headNode, head) : [];
  const lists = [
    [
      ...planStepKernels(head, tileQueries),
      ...plans.body.nodes.flatMap((node) => kernelsOf(node, body)),
      ...listRowsKernels(head),
      ...plans.head.nodes.flatMap((node) => kernelsOf(node, head)),
      ...(headNode ? commitKernels(headNode, head) : []),
    ],
    headNode ? softEmbeddingKernels(headNode, head) : [],
    ...chunks.map((chunk) => chunk.kernels),
  ];
  const steps = await memory.buffer("step descriptors", maxSteps * descriptorBytes);
  numberSteps(device, steps);
  const control = await memory.buffer("row states", 4 * rowStateLayout.words * maxRowStates);
  const [step, softEmbeddings, ...ofLogits] = await device.bind(lists, { ...options, steps, control });
  const logits = chunks.map(({ first, limit }, index) => ({ first, limit, program: ofLogits[index]! }));
  return {
    state,
    sizes,
    step: step!,
    softEmbeddings: softEmbeddings!,
    logits,
    steps,
    control,
    slots: new DeviceSlots(device, state),
    vocabulary: headNode?.attributes.vocabulary ?? 0,
    caches: [
      ...new Set(plans.body.tensors.filter(({ storage }) => storage === "cache").map(({ name }) => name)),
    ],
    tileQueries,
    words: new Uint32Array(maxSubmissionWords),
    rowWords: new Uint32Array(sizes.rows * wantedRowLayout.words),
    tables: new ForbiddenTables(sizes.forbidden),
  };
}

/** Numbers the steps of the descriptors, which the device writes otherwise. */
function numberSteps(device: ComputeDevice, steps: DeviceBuffer): void {
  for (let index = 0; index < maxSteps; index++) {
    const at = index * descriptorBytes + 4 * stepLayout.field.stepIndex;
    device.write(steps, at, Uint32Array.of(index));
  }
}
