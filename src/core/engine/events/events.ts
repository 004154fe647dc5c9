/** The events of a generation: plain data that can be cloned (structured clone). */
import type { FinishReason, TokenGuesses, TokenWrites } from "../../diffusion/index.ts";
import type { FilledHole } from "../request/infill.ts";

export type { FilledHole };

/** The request was admitted and its first pass is about to run. */
export interface StartEvent {
  readonly type: "start";
  readonly promptTokens: number;
  /** Positions of the answer. */
  readonly genLength: number;
  /** The initial tokens of the sequence, prompt first. */
  readonly canvas: readonly number[];
  /** The undecided positions of the canvas, ascending. In a mask model they hold the mask token. */
  readonly undecided: readonly number[];
  readonly maskToken: number;
  /** Time in the queue, ms. */
  readonly queuedMs: number;
}

/** One forward pass of the sequence. */
export interface StepEvent extends TokenWrites {
  readonly type: "step";
  /** Decode steps before this one. */
  readonly step: number;
  /** The computed positions. */
  readonly window: { readonly start: number; readonly end: number };
  readonly block: { readonly start: number; readonly end: number };
  /** Whether the pass refreshed a cache. */
  readonly refresh: boolean;
  /** Whether the pass only encoded a part of the prompt. */
  readonly prefill: boolean;
  /** Undecided positions of the sub-block before the pass; 0 only for passes of reference cache policies on finished blocks. */
  readonly openCount: number;
  /** Overwritten tokens. `positions`, `tokens` and `confidences` hold the commits, in the decoder's order. */
  readonly edits: TokenWrites;
  /** Positions whose tokens the decoder took back: they are undecided again. Absent if there are none. */
  readonly revoked?: readonly number[];
  /**
   * The token that the pass chose at each position that it scored and that stays undecided, with its confidence: what a commit
   * would have written. Absent unless `guesses` is set.
   */
  readonly guesses?: TokenGuesses;
  /** The text of each committed token; absent if the model has no tokenizer. */
  readonly texts?: readonly string[];
  /** Duration of the pass and its decisions, shared by all sequences of the batch. */
  readonly ms: number;
}

/** Progress of the sequence, after every step and the blocks that the step completed. */
export interface ProgressEvent {
  readonly type: "progress";
  /** Positions decided so far; fewer than before if the decoder took tokens back. */
  readonly committed: number;
  /** Positions that were undecided at the start. */
  readonly total: number;
  /**
   * Number of tokens from the answer's start that are final and whose text has been reported; absent for infilling requests and
   * without a tokenizer.
   */
  readonly finalizedTokens?: number;
  /** Text added to the answer since the last progress event. Joined, these texts are a prefix of `done.text`. */
  readonly text?: string;
}

/** The canvas is full and the answer continues: the undecided positions [start, end) are appended. */
export interface ExtendEvent {
  readonly type: "extend";
  readonly start: number;
  readonly end: number;
  /** Positions of the answer, the appended ones included. */
  readonly genLength: number;
}

/** A block is complete, or `maxForwards` was reached in it. In the latter case, undecided positions hold their initial tokens. */
export interface BlockEvent {
  readonly type: "block";
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly number[];
  /** Text that the block adds to the answer. */
  readonly text?: string;
}

/**
 * The device was lost, and a replacement is being opened, which loads the weights again. `recovered` follows, or the request fails. A
 * request that had not started gets no such event.
 */
export interface LostEvent {
  readonly type: "lost";
  /** What the device gave as the reason, for people. */
  readonly reason: string;
}

/**
 * The device was lost and the request continues on a replacement. Earlier events remain valid and are not emitted again. A
 * request that had not started gets no such event.
 */
export interface RecoveredEvent {
  readonly type: "recovered";
  /** 1 for the first replacement since the engine last made progress, 2 for the next one, and so on. */
  readonly attempt: number;
  /** From the detection of the loss until the replacement was ready; the repeated passes are not included. */
  readonly ms: number;
}

export interface Usage {
  /** Given tokens: those of the prompt, and the pinned tokens of an infilling request. */
  readonly promptTokens: number;
  /** Generated tokens: those of the answer, or of each hole, up to the first stop. */
  readonly completionTokens: number;
  /** Model passes of the sequence, including those that scored a draft. */
  readonly forwards: number;
  /** Positions that these passes computed, with those of shadows, branches and guidance: what the passes cost. */
  readonly rows: number;
  /** Passes that only encoded the prompt; they do not count as forwards. */
  readonly prefills: number;
  /** Tokens of the prompt whose keys and values were copied from another request. */
  readonly sharedTokens: number;
  readonly refreshes: number;
  /** Completion tokens per forward. */
  readonly tokensPerForward: number;
  /** Time in the queue, ms: before the start, and before the passes that scored a draft. */
  readonly queuedMs: number;
  /** Time from the first pass to the last commit, ms; 0 if there was nothing to decide. */
  readonly decodeMs: number;
  /** Completion tokens per second of decoding. */
  readonly tokensPerSecond: number;
}

export interface DoneEvent {
  readonly type: "done";
  /** `stop`: a stop token or string, or all holes are filled. `length`: the limit of tokens or forwards was reached. */
  readonly reason: FinishReason;
  /** The text of the answer, for an infilling request with the pinned text; absent without a tokenizer. */
  readonly text?: string;
  /** The filled holes of an infilling request. */
  readonly holes?: readonly FilledHole[];
  /** The answer's tokens up to the first stop, or up to the first position that `maxForwards` left undecided. */
  readonly tokens: readonly number[];
  /**
   * Prompt and answer. The stop token fills the positions after a stop. Positions that `maxForwards` left undecided hold their
   * initial tokens.
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
  | LostEvent
  | RecoveredEvent
  | DoneEvent;
