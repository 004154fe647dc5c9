/** What ops find when they are turned into kernels. */
import type { DType, Plan, TensorId } from "../../../core/tensor/index.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Binding, KernelSpec } from "../kernel.ts";
import type { DeviceWeight, Shard } from "../memory/weights.ts";

export interface OpContext {
  readonly plan: Plan;
  readonly capabilities: Capabilities;
  /** Where a tensor of the Plan lies. */
  tensor(id: TensorId | undefined): Binding;
  /** A matrix, in shards. */
  matrix(id: TensorId | undefined): DeviceWeight;
  /** A weight in one piece. */
  vector(id: TensorId | undefined): Shard;
  /** The last dimension of a tensor. */
  columns(id: TensorId | undefined): number;
  /** What a tensor of the Plan holds. */
  dtype(id: TensorId | undefined): DType;
  /** Bound where a kernel's form has no use for a binding. */
  readonly dummyBinding: Binding;
  /** The buffers that the backend itself keeps: sequences' state, wanted rows, and scratch between kernels. */
  readonly state: StateBuffers;
}

export interface StateBuffers {
  /** By position of the pool: tokens; whether the input embedding is soft, and that embedding. */
  readonly tokens: GPUBuffer;
  readonly flags: GPUBuffer;
  readonly soft: GPUBuffer;
  /** By position of the pool: final hidden states that divergences compare with, and the step that kept them. */
  readonly kept: GPUBuffer;
  readonly keptStep: GPUBuffer;
  /** Wanted rows, what may not stand there, pairs to be gathered. */
  readonly rows: GPUBuffer;
  readonly forbidden: GPUBuffer;
  readonly pairs: GPUBuffer;
  readonly gathered: GPUBuffer;
  readonly statistics: GPUBuffer;
  /** The best tokens of wanted rows. */
  readonly candidates: GPUBuffer;
  /** Scratch between the kernels of one node. */
  readonly workspace: GPUBuffer;
  /** Routed rows by expert, from route to expertsDown. */
  readonly groups: GPUBuffer;
  readonly partials: GPUBuffer;
  readonly logits: GPUBuffer;
  readonly pairRows: GPUBuffer;
  readonly divergenceParts: GPUBuffer;
  /** What decoders on the device remember, and what they report. */
  readonly memory: GPUBuffer;
  readonly report: GPUBuffer;
  /** Log-probabilities of what they committed, step by step. */
  readonly ring: GPUBuffer;
}

export type OpKernels = readonly KernelSpec[];
