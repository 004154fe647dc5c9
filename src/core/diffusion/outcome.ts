/** The pass that a sequence wants, and the outcome of one. */
import type { HeadRequest, SlotChange, SlotId, Span, TokenLogprobs } from "../tensor/index.ts";
import type { Range } from "./canvas.ts";

/** A pass that a sequence wants. */
export interface SequencePass {
  readonly span: Omit<Span, "slot">;
  /** What it wants to know; undefined if nothing. */
  readonly head: Omit<HeadRequest, "span"> | undefined;
  readonly refresh: boolean;
  /** Whether it only encodes the prompt. */
  readonly prefill: boolean;
  /** Once it is made, keys and values of the positions before this are there, and final; 0 where they may go stale. */
  readonly encoded: number;
  /** The iteration counter before this pass: smoothing's schedules follow it. */
  readonly iteration: number;
}

/** Tokens and where they were written. */
export interface TokenWrites {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
  /**
   * Of each position, in their order, in the step that wrote it: natural logs of the plain softmax over the logits (with
   * guidance the guided ones), in which the mask token and forbidden tokens have no share. Absent unless `topLogprobs` is set.
   */
  readonly logprobs?: readonly TokenLogprobs[];
}

/** The token that a pass chose at each position that stays undecided: what a commit would have written there. */
export interface TokenGuesses {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
}

/** Decisions of one step: tokens of undecided positions, and other tokens in place of decided ones. */
export interface DecidedStep {
  readonly commits: TokenWrites;
  readonly edits: TokenWrites;
}

/** What came of a pass: what was committed, and the rest. */
export interface StepOutcome extends TokenWrites {
  /** Decode steps before this one. */
  readonly step: number;
  /** The positions computed. */
  readonly window: Range;
  readonly block: Range;
  readonly refresh: boolean;
  readonly prefill: boolean;
  /** Undecided positions of the sub-block before this pass; a pass on a finished one has none. */
  readonly openCount: number;
  /** Tokens that were overwritten. */
  readonly edits: TokenWrites;
  /** Undecided positions that the pass scored. Absent unless `guesses` is set. */
  readonly guesses?: TokenGuesses;
  /** For the backend, less the slot and the index of the head request. */
  readonly softEmbeddings: { readonly rows: readonly number[]; readonly weight: number } | undefined;
}

/** What an outcome writes to one of the sequence's slots; `request` is the index of the pass's head request, if it had one. */
export function changeOf(outcome: StepOutcome, slot: SlotId, request: number | undefined): SlotChange {
  const { edits, softEmbeddings } = outcome;
  return {
    slot,
    positions: edits.positions.length > 0 ? [...outcome.positions, ...edits.positions] : outcome.positions,
    tokens: edits.tokens.length > 0 ? [...outcome.tokens, ...edits.tokens] : outcome.tokens,
    softEmbeddings: softEmbeddings && request !== undefined ? { ...softEmbeddings, request } : undefined,
  };
}
