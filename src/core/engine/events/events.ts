/** What a generation reports, as plain data that structured cloning carries. */

import type { FinishReason, TokenWrites } from "../../diffusion/index.ts";
import type { FilledHole } from "../request/infill.ts";

export type { FilledHole };

/** The request has its place and its first pass is about to run. */
export interface StartEvent {
  readonly type: "start";
  readonly promptTokens: number;
  /** Positions of the answer. */
  readonly genLength: number;
  /** The sequence as it starts, prompt first. */
  readonly canvas: readonly number[];
  /** Positions of the canvas that are to be decided, ascending; in a mask model they hold the mask token. */
  readonly undecided: readonly number[];
  readonly maskToken: number;
  /** Time in the queue, ms. */
  readonly queuedMs: number;
}

/** One forward pass in which the sequence took part. */
export interface StepEvent extends TokenWrites {
  readonly type: "step";
  /** Decode steps before this one. */
  readonly step: number;
  /** The positions computed. */
  readonly window: { readonly start: number; readonly end: number };
  readonly block: { readonly start: number; readonly end: number };
  /** Whether the pass renewed a cache. */
  readonly refresh: boolean;
  /** Whether the pass only encoded the prompt. */
  readonly prefill: boolean;
  /** Undecided positions of the sub-block before the pass; 0 only in passes that a reference cache policy makes on finished ones. */
  readonly openCount: number;
  /** What was overwritten; what was committed is in `positions`, `tokens` and `confidences`, in the decoder's order. */
  readonly edits: TokenWrites;
  /** The committed tokens as text, one by one; absent where the model has no tokenizer. */
  readonly texts?: readonly string[];
  /** Of the pass and its decisions; shared by all sequences in it. */
  readonly ms: number;
}

/** How far the sequence has come: follows every step, and the blocks that it completed. */
export interface ProgressEvent {
  readonly type: "progress";
  readonly committed: number;
  /** Positions that were undecided at the start. */
  readonly total: number;
  /**
   * Tokens from the answer's start that will not change any more, and are told with their text; absent for
   * infillings, and without a tokenizer.
   */
  readonly finalizedTokens?: number;
  /** What was added to the answer's text since the last such event. Joined, these begin `done.text`. */
  readonly text?: string;
}

/** The canvas is full and the answer goes on: undecided positions [start, end) follow it. */
export interface ExtendEvent {
  readonly type: "extend";
  readonly start: number;
  readonly end: number;
  /** Positions of the answer from now on. */
  readonly genLength: number;
}

/** A block is complete, or the budget of forwards was spent in it: then some of its positions stay undecided, with the tokens that they started with. */
export interface BlockEvent {
  readonly type: "block";
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly number[];
  /** What the block adds to the answer's text. */
  readonly text?: string;
}

/**
 * The device was lost; the request goes on with another one. What was told before stays true, and is not told again;
 * a request that had not started sees nothing of it.
 */
export interface RecoveredEvent {
  readonly type: "recovered";
  /** Which one it is of the devices that came in place of lost ones since the engine last told something new. */
  readonly attempt: number;
  /** From when the loss was noticed until the other device was ready; catching up takes its time beside that. */
  readonly ms: number;
}

export interface Usage {
  /** Tokens that were given: the prompt's, and in an infilling the pinned ones. */
  readonly promptTokens: number;
  /** Tokens that were generated: those of the answer, or of each hole, up to the first stop. */
  readonly completionTokens: number;
  /** Model passes in which the sequence took part, those included that scored a draft. */
  readonly forwards: number;
  /** Passes that only encoded the prompt; not among the forwards. */
  readonly prefills: number;
  /** Tokens of the prompt that were not encoded, as another request had them. */
  readonly sharedTokens: number;
  readonly refreshes: number;
  /** Completion tokens a forward. */
  readonly tokensPerForward: number;
  /** Time without a place, ms: before the start, and before the passes that scored a draft. */
  readonly queuedMs: number;
  /** From the first pass to the last commit; 0 where nothing was left to decide. */
  readonly decodeMs: number;
  /** Completion tokens a second of decoding. */
  readonly tokensPerSecond: number;
}

export interface DoneEvent {
  readonly type: "done";
  /** `stop`: a stop token or string, or all holes are filled. `length`: the limit of tokens or forwards came first. */
  readonly reason: FinishReason;
  /** The answer, in an infilling with its pinned text; absent where the model has no tokenizer. */
  readonly text?: string;
  /** The holes of an infilling. */
  readonly holes?: readonly FilledHole[];
  /** The answer's tokens, up to its first stop, or the first position that the budget left undecided. */
  readonly tokens: readonly number[];
  /**
   * Prompt and answer, as the model left them: what follows a stop is filled with the stop token; what the budget left
   * undecided holds what it started with.
   */
  readonly canvas: readonly number[];
  readonly usage: Usage;
}

export type GenerateEvent =
  | StartEvent
  | StepEvent
  | ProgressEvent
  | BlockEvent
  | ExtendEvent
  | RecoveredEvent
  | DoneEvent;
