/** A pass that a sequence requests, and the outcome of a pass. */
import type { HeadRequest, SlotChange, SlotId, Span, TokenLogprobs } from "../tensor/index.ts";
import type { Range } from "./canvas.ts";

/** A pass that a sequence requests. */
export interface SequencePass {
  readonly span: Omit<Span, "slot">;
  /** The request for statistics; undefined if the pass decides nothing. */
  readonly head: Omit<HeadRequest, "span"> | undefined;
  /** What the pass computes too, for the decoder: the shadow of the block, or branches of it. Absent if there is nothing. */
  readonly twins?: readonly TwinPass[];
  readonly refresh: boolean;
  /** Whether the pass only encodes the prompt. */
  readonly prefill: boolean;
  /** After the pass, the keys and values of the positions before this one are final; 0 if they may go stale. */
  readonly encoded: number;
  /** Passes before this one, as the schedules of iteration smoothing count them. */
  readonly iteration: number;
}

/** A span behind the sequence that a pass computes beside its own: a shadow or a branch. */
export interface TwinPass {
  readonly span: Omit<Span, "slot">;
  readonly head: Omit<HeadRequest, "span">;
  /** The tokens of the span's positions, which differ from pass to pass; absent for a shadow, whose masks are in the slot. */
  readonly tokens?: readonly number[];
}

/** An open offset that a branch commits, and the token. */
export interface Branch {
  readonly offset: number;
  readonly token: number;
  /** The confidence of the token when the branch was proposed. */
  readonly confidence: number;
}

/** Tokens that were written, and their positions. */
export interface TokenWrites {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
  /**
   * One entry per position, from the step that wrote the token: natural log-probabilities in the plain softmax of the logits
   * (under guidance, of the combined logits), without the mask token and forbidden tokens. Absent unless `topLogprobs` is set.
   */
  readonly logprobs?: readonly TokenLogprobs[];
}

/** The token that a pass chose at each position that stays undecided: what a commit would have written there. */
export interface TokenGuesses {
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
}

/** Decisions of one step: tokens for undecided positions, and replacements of decided tokens. */
export interface DecidedStep {
  readonly commits: TokenWrites;
  readonly edits: TokenWrites;
  /** Decided positions that become undecided again. Absent if there are none. */
  readonly revoked?: readonly number[];
}

/** The outcome of a pass. The positions and tokens are those that were committed. */
export interface StepOutcome extends TokenWrites {
  /** Decode steps before this one. */
  readonly step: number;
  /** The positions computed. */
  readonly window: Range;
  readonly block: Range;
  readonly refresh: boolean;
  readonly prefill: boolean;
  /** Undecided positions of the sub-block before this pass; 0 for a pass on a finished sub-block. */
  readonly openCount: number;
  /** Tokens that were overwritten. */
  readonly edits: TokenWrites;
  /** Positions that became undecided again. Absent if there are none. */
  readonly revoked?: readonly number[];
  /** Undecided positions that the pass scored. Absent unless `guesses` is set. */
  readonly guesses?: TokenGuesses;
  /** The update of `SlotChange.softEmbeddings`, without the index of the head request. */
  readonly softEmbeddings: { readonly rows: readonly number[]; readonly weight: number } | undefined;
}

/** The tokens that a step writes to a slot. A position that becomes undecided again gets the mask token. */
export function slotWrites(
  { commits, edits, revoked }: DecidedStep,
  maskToken: number,
): Pick<SlotChange, "positions" | "tokens" | "undecided"> {
  if (edits.positions.length === 0 && !revoked)
    return { positions: commits.positions, tokens: commits.tokens };
  const positions = [...commits.positions, ...edits.positions];
  const tokens = [...commits.tokens, ...edits.tokens];
  if (!revoked) return { positions, tokens };
  return {
    positions: [...positions, ...revoked],
    tokens: [...tokens, ...revoked.map(() => maskToken)],
    undecided: revoked,
  };
}

/**
 * The change that an outcome makes to a slot of the sequence.
 * @param request the index of the pass's head request; undefined if it had none
 */
export function changeOf(
  outcome: StepOutcome,
  slot: SlotId,
  request: number | undefined,
  maskToken: number,
): SlotChange {
  const { edits, revoked, softEmbeddings } = outcome;
  const { positions, tokens, undecided } = slotWrites(
    revoked ? { commits: outcome, edits, revoked } : { commits: outcome, edits },
    maskToken,
  );
  const change = {
    slot,
    positions,
    tokens,
    softEmbeddings: softEmbeddings && request !== undefined ? { ...softEmbeddings, request } : undefined,
  };
  return undecided ? { ...change, undecided } : change;
}
