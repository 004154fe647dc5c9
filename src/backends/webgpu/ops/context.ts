/** The context in which ops become kernels. */
import type { DType, Plan, TensorId } from "../../../core/tensor/index.ts";
import type { Capabilities } from "../capabilities.ts";
import type { DeviceWeight, Shard } from "../deviceWeight.ts";
import type { Binding, KernelSpec } from "../kernel.ts";

export interface OpContext {
  readonly plan: Plan;
  readonly capabilities: Capabilities;
  /** Where a tensor of the Plan lies. */
  tensor(id: TensorId | undefined): Binding;
  /** A weight matrix in shards. */
  matrix(id: TensorId | undefined): DeviceWeight;
  /** A weight vector. */
  vector(id: TensorId | undefined): Shard;
  /** The last dimension of a tensor. */
  columns(id: TensorId | undefined): number;
  /** The dtype of a tensor. */
  dtype(id: TensorId | undefined): DType;
  /** For bindings that a kernel's form does not use. */
  readonly dummyBinding: Binding;
  /** Buffers of the backend: state of the sequences, wanted rows, and scratch between kernels. */
  readonly state: StateBuffers;
}

export interface StateBuffers {
  /** By position of the pool: token, `positionFlag`s, soft embedding. */
  readonly tokens: GPUBuffer;
  readonly flags: GPUBuffer;
  readonly soft: GPUBuffer;
  /** By position of the pool: the final hidden state that a divergence compares with, and the step it is from. */
  readonly kept: GPUBuffer;
  readonly keptStep: GPUBuffer;
  /** `wantedRow`s, `forbiddenTable`s, and the `gatherList` of single logits. */
  readonly rows: GPUBuffer;
  readonly forbidden: GPUBuffer;
  readonly pairs: GPUBuffer;
  readonly gathered: GPUBuffer;
  readonly statistics: GPUBuffer;
  /** `candidateList`s of wanted rows. */
  readonly candidates: GPUBuffer;
  /** Scratch between the kernels of one node. */
  readonly workspace: GPUBuffer;
  /** `expertGroups`, from route to expertsDown. */
  readonly groups: GPUBuffer;
  readonly partials: GPUBuffer;
  readonly logits: GPUBuffer;
  readonly pairRows: GPUBuffer;
  readonly divergenceParts: GPUBuffer;
  /** The `submission`: what rows may do where the device decides. */
  readonly submission: GPUBuffer;
  /** Decoders' `positionMemory` and decisions, and their report. */
  readonly memory: GPUBuffer;
  readonly report: GPUBuffer;
  /** Log-probabilities of the tokens that the device wrote, step by step. */
  readonly logprobs: GPUBuffer;
}

export type OpKernels = readonly KernelSpec[];
