/** The decode loop on the device: several steps in one submission, with decoders as kernels. */
import type { ForwardPass } from "./forwardPass.ts";
import type { SlotId } from "./span.ts";
import type { TokenLogprobs } from "./statistics.ts";

/** One step of a submission in which the device decides: a pass, and for each head request how. */
export interface DeviceStep extends ForwardPass {
  readonly decisions: readonly DeviceDecision[];
}
export interface DeviceDecision {
  /** Index of the row in the submission. */
  readonly row: number;
  /** The decoder's parameters in this step. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Iteration smoothing: how much the mixtures of positions that stay masked weigh. */
  readonly softEmbeddingWeight?: number;
}

/** A sequence of a submission, and how far its block is. */
export interface DeviceRow {
  /** The sequence's, and with guidance the one without its prompt. */
  readonly slots: readonly SlotId[];
  readonly maskToken: number;
  /** The name of a built-in decoder. */
  readonly decoder: string;
  /** The block: where the decoder may act. */
  readonly start: number;
  readonly end: number;
  /** Decode steps of the block, and of the sequence, so far. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly maskedAtStart: number;
  readonly masked: number;
  readonly editable: readonly number[];
  readonly postSteps: number;
}

/** What the device wrote in one step. */
export interface DeviceCommits {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
  /** By position, where the row's head requests have `top`. */
  readonly logprobs?: readonly TokenLogprobs[];
}
/** What became of a row: its steps that had an effect. Those on a finished block have none. */
export interface DeviceReport {
  readonly steps: readonly { readonly commits: DeviceCommits; readonly edits: DeviceCommits }[];
  /** A position for which the model computed no finite logits, before the first of the steps that had no effect. */
  readonly invalid?: number | undefined;
}

/** The loop on the device: decoders run there, and the host looks once for several steps. */
export interface DeviceLoop {
  /** Steps that one submission may hold. */
  readonly maxSteps: number;
  /** Whether it has the decoder, for blocks of that length and so many best tokens a commit, if any are wanted. */
  decides(decoder: string, blockLength: number, top: number | undefined): boolean;
  /** Runs the steps one after the other. A row has one decision a step at most. */
  run(steps: readonly DeviceStep[], rows: readonly DeviceRow[]): Promise<readonly DeviceReport[]>;
}
