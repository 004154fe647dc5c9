/** A forward pass as the ops of a host backend see it: spans with their slots, and the place of the statistics. */
import type { HeadRequest, PassStatistics, Span } from "../../core/tensor/index.ts";
import type { SoftEmbeddings } from "./softEmbeddings.ts";

/** The state of a sequence: tokens, and its range of the K/V pool. */
export interface HostSlot {
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
  readonly memory: HostSlot;
  /** Row of the span's first position among the pass's tokens. */
  readonly row: number;
}

/** One forward pass. */
export interface HostPass {
  readonly spans: readonly PlacedSpan[];
  readonly tokens: number;
  readonly head: readonly HeadRequest[];
  /** Rows of all head requests. */
  readonly rows: number;
  /** `headStatistics` writes its results here. */
  statistics: PassStatistics;
}

/** A node bound to its memory; a call runs it for one pass. */
export type Kernel = (pass: HostPass) => void;
