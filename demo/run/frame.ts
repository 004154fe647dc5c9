/** One picture of a run: what stands at every position after a pass, and what the pass did. */

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The best token of a position that is still masked, as the model saw it in a pass. */
export interface Guess {
  readonly token: number;
  readonly text: string;
  /** Whether the token ends or pads an answer and has no text of its own. */
  readonly isControl: boolean;
  /** From 0 to 1. */
  readonly confidence: number;
}

/**
 * `given`: part of the prompt, or pinned. `mask`: to be decided. `committed`: decided by the decoder, be it by a commit or by an
 * edit. `filled`: written behind a stop, without a decision.
 */
export type CellState = "given" | "mask" | "committed" | "filled";

/** What the frame's own pass did to a cell. */
export type CellChange = "commit" | "edit" | "revoke" | "fill";

export interface Cell {
  readonly position: number;
  readonly state: CellState;
  /** Whether the position belongs to the prompt, which comes before the answer. */
  readonly isPrompt: boolean;
  readonly token: number;
  /** The token's text; empty for a mask. */
  readonly text: string;
  /** Whether the token ends or pads an answer and has no text of its own. */
  readonly isControl: boolean;
  /** Of the decision that wrote the token; undefined where nothing was decided. */
  readonly confidence: number | undefined;
  /** Index of the frame that wrote the token; undefined for given tokens and masks. */
  readonly writtenAt: number | undefined;
  /** What this frame's pass did here; undefined if nothing. */
  readonly change: CellChange | undefined;
  /** Whether the token stands in place of an earlier decision. */
  readonly isEdited: boolean;
  /** The best guess under a mask, where the run's events tell it. */
  readonly guess: Guess | undefined;
  /** Whether the frame's pass computed the position; keys and values of the others came from the cache. */
  readonly isRecomputed: boolean;
  readonly isInBlock: boolean;
}

export interface Frame {
  /** 0 before the first pass, then the number of passes so far. */
  readonly index: number;
  /** The pass that led to this frame; undefined in frame 0. */
  readonly pass: Pass | undefined;
  readonly cells: readonly Cell[];
}

/** A pass of the model over the sequence. */
export interface Pass {
  /** Decode steps before this one. */
  readonly step: number;
  /** The positions computed. */
  readonly window: Range;
  readonly block: Range;
  /** Whether the pass renewed a cache. */
  readonly isRefresh: boolean;
  /** Whether the pass only encoded a part of the prompt: then it is no forward. */
  readonly isPrefill: boolean;
  readonly commitCount: number;
  readonly editCount: number;
  readonly ms: number;
}
