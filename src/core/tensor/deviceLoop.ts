/**
 * The decode loop on the device: decoders run beside the model, and the host looks once for several passes. The device
 * is authoritative: it keeps where each row is, chooses each row's next pass by that, and moves a row to its next block
 * without the host. The host sends what a row may do, and replays what the row did from reports.
 */
import type { HeadRequest } from "./headRequest.ts";
import type { SlotId, Span } from "./span.ts";
import type { TokenLogprobs } from "./statistics.ts";

/** A pass that a row may make. */
export interface DevicePass {
  /** Computed for each slot of the row. */
  readonly span: Omit<Span, "slot">;
  /**
   * `positions` are those that may be wanted: the device takes of them the undecided ones, and the editable ones of the
   * block where the decoder looks at these. `forbidden` has a list for each of `positions`.
   */
  readonly head: Omit<HeadRequest, "span" | "step" | "guidance" | "gather" | "logits">;
  /** The decoder's parameters. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  /** Iteration smoothing: the weight of the mixtures of positions that stay undecided. */
  readonly softEmbeddingWeight?: number | undefined;
}

/** A block of a row, as the host foresees it: its passes do not depend on what is decided in them. */
export interface DeviceBlock {
  /** Positions in which the decoder may write. */
  readonly start: number;
  readonly end: number;
  /** Undecided positions when the block is entered. */
  readonly openAtStart: number;
  /** Positions that the decoder may overwrite once they are decided; none for decoders that never do. */
  readonly editable: readonly number[];
  /** Steps of the block before `passes[0]`. */
  readonly firstStep: number;
  /** The pass of each step from `firstStep` on; the last one serves all later steps. Never empty. */
  readonly passes: readonly DevicePass[];
  /** A row rests before this step of the block, until the host says how it goes on. */
  readonly stepLimit: number;
  /** Positions of which one with a stop token ends the row once the block is complete; undefined where none does. */
  readonly stopRange: { readonly start: number; readonly end: number } | undefined;
}

/** Where a row is when the device takes it over from the host. */
export interface DeviceEntry {
  /** Decode steps of the block, of the sequence. */
  readonly step: number;
  readonly sequenceStep: number;
  /** Passes of the sequence, as `DeviceRow.passLimit` counts them. */
  readonly passes: number;
}

/** What a row may do in a submission. A row keeps its state on the device from one submission to the next. */
export interface DeviceRow {
  /** The sequence's slot, which names the row, and with guidance that of the sequence without its prompt. */
  readonly slots: readonly SlotId[];
  readonly guidanceScale: number | undefined;
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  /** The name of a built-in decoder. */
  readonly decoder: string;
  /** Present where the device takes the row over at `blocks[0]`; absent where the row goes on from where the device has it. */
  readonly entry: DeviceEntry | undefined;
  /** Index of `blocks[0]` in the sequence: of the same block, every submission says the same. */
  readonly firstBlock: number;
  /** The blocks that the row may come to. A row rests when it has completed the last of them. */
  readonly blocks: readonly DeviceBlock[];
  /** A row rests once it has made this many passes. */
  readonly passLimit: number;
}

export interface DeviceSubmission {
  /** Passes to make one after the other. A row that rests takes no part in the others. */
  readonly passes: number;
  readonly rows: readonly DeviceRow[];
}

/** Tokens that the device wrote in one step. */
export interface DeviceCommits {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
  /** By position, where the row's head requests have `top`. */
  readonly logprobs?: readonly TokenLogprobs[];
}

/** A row's steps in a submission, in order. */
export interface DeviceReport {
  readonly steps: readonly { readonly commits: DeviceCommits; readonly edits: DeviceCommits }[];
  /** A position for which the model computed no finite logits: the row rests for good. */
  readonly invalid?: number | undefined;
}

/** Names a submission until its report is taken. */
export type DeviceTicket = number;

export interface DeviceLoop {
  /** Whether an engine that is free to choose decodes here rather than on the host. */
  readonly preferred: boolean;
  /** Maximum passes of a submission. */
  readonly maxPasses: number;
  /** Maximum submissions under way: those whose reports have not been taken. */
  readonly maxSubmissions: number;
  /** Maximum blocks of a row in a submission. */
  readonly maxBlocks: number;
  /**
   * Whether the loop has a decoder for blocks of a length.
   * @param top best tokens beside each commit; undefined for none
   */
  decides(decoder: string, blockLength: number, top: number | undefined): boolean;
  /**
   * Starts the passes of a submission behind those under way. While a submission is under way, neither `Backend.submit`
   * nor `commit` is called for its rows' slots, and its slots stay open.
   */
  submit(submission: DeviceSubmission): Promise<DeviceTicket>;
  /** The report of each row, in the order of the submission's rows. Each ticket is taken once, in the order of submission. */
  report(ticket: DeviceTicket): Promise<readonly DeviceReport[]>;
}
