/** The pass that an op runs in, and its memory. */
import type { HeadRequest, PassStatistics, Span, TensorId } from "../../core/tensor/index.ts";
import type { CacheRows } from "./cacheRows.ts";
import type { SoftEmbeddings } from "./softEmbeddings.ts";
import type { WeightRows } from "./weightRows.ts";

/** The state of a sequence: tokens, and its range of the K/V pool. */
export interface CpuSlot {
  readonly base: number;
  readonly tokens: Uint32Array;
  /** By position: 1 until a token is decided there. */
  readonly undecided: Uint8Array;
  readonly soft: SoftEmbeddings;
  /** By position, the final hidden state for `divergence` and the step that stored it. */
  readonly kept: Map<number, { readonly hidden: Float32Array; readonly step: number }>;
}

/** A span with its slot resolved. */
export interface PlacedSpan extends Span {
  readonly memory: CpuSlot;
  /** Row of the span's first position among the pass's tokens. */
  readonly row: number;
}

/** One forward pass. */
export interface CpuPass {
  readonly spans: readonly PlacedSpan[];
  readonly tokens: number;
  readonly head: readonly HeadRequest[];
  /** Rows of all head requests. */
  readonly rows: number;
  /** `headStatistics` writes its results here. */
  statistics: PassStatistics;
}

/** The tensors of a Plan in memory. Arena tensors share memory as planned. */
export interface Memory {
  f32(id: TensorId): Float32Array;
  /** A matrix of weights. */
  matrix(id: TensorId): WeightRows;
  u32(id: TensorId): Uint32Array;
  /** Keys or values of a layer. */
  cache(id: TensorId, role: "keys" | "values"): CacheRows;
  optionalF32(id: TensorId | undefined): Float32Array | undefined;
}

/** A node bound to its memory; a call runs it for one pass. */
export type Kernel = (pass: CpuPass) => void;
