/**
 * The decode loop on the device. The device runs the decoders as well as the model, and reports to the host once per several
 * passes. The device keeps the state of each row: it chooses the row's next pass and moves the row to its next block without
 * the host. The host sends the passes that a row may need, and replays the row's steps from the reports.
 */
import type { HeadRequest } from "./headRequest.ts";
import type { SlotId, Span } from "./span.ts";
import type { TokenLogprobs } from "./statistics.ts";

/** A pass that a row may need. */
export interface DevicePass {
  /** The span to compute, in each slot of the row. */
  readonly span: Omit<Span, "slot">;
  /**
   * `positions` are the candidates. The device selects the undecided ones and, for decoders that edit, the editable ones of
   * the block. `forbidden` has a list for each of `positions`.
   */
  readonly head: Omit<HeadRequest, "span" | "step" | "guidance" | "gather" | "logits">;
  /** The decoder's parameters. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  /** Iteration smoothing: the weight of the mixture at positions that stay undecided. */
  readonly softEmbeddingWeight?: number | undefined;
}

/** A block of a row. The host knows its passes in advance, as they do not depend on the tokens that are decided. */
export interface DeviceBlock {
  /** The decoder may write to the positions [start, end). */
  readonly start: number;
  readonly end: number;
  /** Undecided positions when the block is entered. */
  readonly openAtStart: number;
  /** Decided positions that the decoder may overwrite; empty for decoders that do not edit. */
  readonly editable: readonly number[];
  /** Index of the step in which `passes[0]` is computed. */
  readonly firstStep: number;
  /** The passes of the steps from `firstStep` on; the last one also serves all later steps. Never empty. */
  readonly passes: readonly DevicePass[];
  /** From this step of the block on, the row is idle until the host submits further passes. */
  readonly stepLimit: number;
  /** A stop token in this range ends the row when the block is complete. Undefined if stop tokens do not end the row here. */
  readonly stopRange: { readonly start: number; readonly end: number } | undefined;
}

/** The progress of a row when the device takes it over from the host. */
export interface DeviceEntry {
  /** Decode steps so far, of the block and of the sequence. */
  readonly step: number;
  readonly sequenceStep: number;
  /** Passes of the sequence so far, as counted by `DeviceRow.passLimit`. */
  readonly passes: number;
}

/** A row in a submission. The device keeps the row's state from one submission to the next. */
export interface DeviceRow {
  /** The slot of the sequence, which identifies the row. With guidance, also the slot of the sequence without its prompt. */
  readonly slots: readonly SlotId[];
  readonly guidanceScale: number | undefined;
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  /** The name of a built-in decoder. */
  readonly decoder: string;
  /** The row's progress if the device takes it over at `blocks[0]`; undefined if the device continues from its own state. */
  readonly entry: DeviceEntry | undefined;
  /** Index of `blocks[0]` in the sequence. A block has the same index in every submission. */
  readonly firstBlock: number;
  /** The blocks that the row may reach. After the last of them is complete, the row is idle. */
  readonly blocks: readonly DeviceBlock[];
  /** After this many passes of the sequence, the row is idle. */
  readonly passLimit: number;
}

export interface DeviceSubmission {
  /** The number of consecutive passes. Idle rows take no part in a pass. */
  readonly passes: number;
  readonly rows: readonly DeviceRow[];
}

/** Tokens that the device wrote in one step. */
export interface DeviceCommits {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
  /** One entry per position; absent unless the row's head requests have `top`. */
  readonly logprobs?: readonly TokenLogprobs[];
}

/** The steps of a row in a submission, in order. */
export interface DeviceReport {
  readonly steps: readonly {
    readonly commits: DeviceCommits;
    readonly edits: DeviceCommits;
    /** Positions that became undecided again; absent if there are none. */
    readonly revoked?: readonly number[];
  }[];
  /** A position without finite logits, which ends the row. */
  readonly invalid?: number | undefined;
}

/** Identifies a submission until its report is taken. */
export type DeviceTicket = number;

export interface DeviceLoop {
  /** Whether an engine with `decodeLoop: "auto"` decodes on this device rather than on the host. */
  readonly preferred: boolean;
  /** Maximum passes of a submission. */
  readonly maxPasses: number;
  /** Maximum submissions in flight, that is, submissions whose reports have not been taken. */
  readonly maxSubmissions: number;
  /** Maximum blocks of a row in a submission. */
  readonly maxBlocks: number;
  /**
   * Whether the device can run a decoder on blocks of this length.
   * @param top number of best tokens to report with each commit; undefined for none
   */
  decides(decoder: string, blockLength: number, top: number | undefined): boolean;
  /**
   * Queues the passes of a submission after those in flight. While a submission is in flight, its slots stay open, and the
   * caller calls neither `Backend.submit` nor `Backend.commit` for them.
   */
  submit(submission: DeviceSubmission): Promise<DeviceTicket>;
  /** The reports of a submission, one per row, in the order of its rows. The caller takes each ticket once, in order. */
  report(ticket: DeviceTicket): Promise<readonly DeviceReport[]>;
}
