/** The context in which ops become kernels. */
import type { DType, Plan, TensorId } from "../../../core/tensor/index.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { Capabilities } from "../capabilities.ts";
import type { DeviceDecoder } from "../deviceDecoders.ts";
import type { DeviceWeight, Shard } from "../deviceWeight.ts";
import type { Binding, KernelSpec } from "../kernel.ts";

export interface OpContext {
  readonly plan: Plan;
  readonly capabilities: Capabilities;
  /** Decoders by name that the device has a kernel of. */
  readonly decoders: ReadonlyMap<string, DeviceDecoder>;
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
  /** Present where products run on tensor cores. */
  readonly tensorCores: TensorCoreBuffers | undefined;
  /** Buffers of the backend: state of the sequences, wanted rows, and scratch between kernels. */
  readonly state: StateBuffers;
}

/** Buffers that products on tensor cores share. */
export interface TensorCoreBuffers {
  /** Sums of the splits of a product, and shares of attention, from the blocks that compute them to the one that ends last. */
  readonly splitSums: DeviceBuffer;
  /** By panel or tile: the blocks that have ended. They are 0 between kernels. */
  readonly arrivals: DeviceBuffer;
  /** Wanted rows of hidden states in bf16. */
  readonly hidden: DeviceBuffer;
}

export interface StateBuffers {
  /** By position of the pool: token, `positionFlag`s, soft embedding. */
  readonly tokens: DeviceBuffer;
  readonly flags: DeviceBuffer;
  readonly soft: DeviceBuffer;
  /** By position of the pool: the final hidden state that a divergence compares with, and the step it is from. */
  readonly kept: DeviceBuffer;
  readonly keptStep: DeviceBuffer;
  /** `wantedRow`s, `forbiddenTable`s, and the `gatherList` of single logits. */
  readonly rows: DeviceBuffer;
  readonly forbidden: DeviceBuffer;
  readonly pairs: DeviceBuffer;
  readonly gathered: DeviceBuffer;
  readonly statistics: DeviceBuffer;
  /** `candidateList`s of wanted rows. */
  readonly candidates: DeviceBuffer;
  /** Request by request, `Couplings` of its rows. */
  readonly couplings: DeviceBuffer;
  /** Scratch between the kernels of one node. */
  readonly workspace: DeviceBuffer;
  /** Sums of the parts of a split product. */
  readonly parts: DeviceBuffer;
  /** Rows of activations in int8. */
  readonly quantized: DeviceBuffer;
  /** `expertGroups`, from route to expertsDown. */
  readonly groups: DeviceBuffer;
  readonly partials: DeviceBuffer;
  readonly logits: DeviceBuffer;
  readonly pairRows: DeviceBuffer;
  readonly divergenceParts: DeviceBuffer;
  /** The `submission`: what rows may do where the device decides. */
  readonly submission: DeviceBuffer;
  /** Decoders' `positionMemory` and decisions, and their report. */
  readonly memory: DeviceBuffer;
  readonly report: DeviceBuffer;
  /** Log-probabilities of the tokens that the device wrote, step by step. */
  readonly logprobs: DeviceBuffer;
}

export type OpKernels = readonly KernelSpec[];
