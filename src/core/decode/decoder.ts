/**
 * A decoder decides which positions of a block are committed in a step, from the statistics of the positions. A decoder is one
 * declaration, from which validation, options, schemas and tables derive.
 */
import type { Parameters, ValuesOf } from "../declare/index.ts";
import type { Statistics } from "../tensor/index.ts";

/**
 * The view that a decoder has of a block in one step. All arrays are indexed by offset: position minus the block's start.
 * Statistics are defined at the offsets in `open`, and at those in `known` if the decoder needs `known`. The next step
 * overwrites the arrays: a decoder that needs a value later copies it into its state.
 */
export interface BlockView extends Statistics {
  readonly length: number;
  /** The block's first position. */
  readonly start: number;
  /** Number of positions of the sequence. */
  readonly sequenceLength: number;
  /** Offsets of the undecided positions, ascending. Only decoders that need `known` see an empty list. */
  readonly open: readonly number[];
  /** Offsets of the decided positions, ascending, without those that were given from the start. */
  readonly known: readonly number[];
  /** The block's tokens as the model saw them. In a mask model, open offsets hold the mask token. */
  readonly current: Uint32Array;
  /** Undecided positions when the block was entered. */
  readonly openAtStart: number;
  /** Decode steps of this block before this one. */
  readonly step: number;
  /**
   * KL(p_t || p_t-1) in nats between the plain softmax of this step and that of the previous step; infinite if the previous
   * step did not compute the position. Only for decoders that need `divergence`.
   */
  readonly divergence: Float32Array;
  /**
   * The probability of the current token of each known offset, in the plain softmax of a position that does not see the token but all
   * others. Only for decoders that need `shadow`, and only while some offset is open.
   */
  readonly shadowProbability: Float32Array;
  /** The logits of the tokens that `gather` returned for this offset, in the same order. */
  gathered(offset: number): Float32Array;
  /**
   * The attention from offset `query` to offset `key`, averaged over heads and over the layers of `couplingLayers`: of all that the
   * position attends to, the part that falls on the other. Only for decoders that need `couplings`.
   */
  coupling(query: number, key: number): number;
  /** A random number, uniform in (0, 1), that is determined by seed, position and step. */
  random(offset: number): number;
  /** The term that sampling adds to a token's logit in this step: temperature times Gumbel noise; 0 at temperature 0. */
  noise(offset: number, token: number): number;
}

/** Inputs that a decoder may need beyond the statistics of the open positions. */
export type Need = "divergence" | "known" | "couplings" | "shadow";

/** A block as a pass found it, for `LookAhead.choose`. */
export interface BranchView {
  readonly view: BlockView;
  /** The confidence of the token that the branch commits, when it was proposed; 1 for the block as it is. */
  readonly certainty: number;
}

/** How a decoder looks ahead: the next pass computes the block as it is and each branch, and the decoder goes on from one of them. */
export interface LookAhead<P extends Parameters = Parameters> {
  /** Maximum branches of a step. */
  maxBranches(parameters: ValuesOf<P>): number;
  /** The index of the view to go on from; 0 is the block as it is, and the branches follow in the order of the proposals. */
  choose(views: readonly BranchView[], parameters: ValuesOf<P>): number;
}

/** Receives the decisions of a decoder. */
export interface Commits {
  /** Writes a token to an open offset. The default of `confidence` is the view's. */
  commit(offset: number, token: number, confidence?: number): void;
  /** Replaces the token at a known offset. Only for decoders that need `known`. */
  edit(offset: number, token: number, confidence?: number): void;
  /**
   * Makes a known offset undecided again: from the next step on it is open. Only for decoders that need `known`. An offset is either
   * edited or revoked in a step.
   */
  revoke(offset: number): void;
  /**
   * Proposes a branch: the block with one more token committed, at an offset that stays open in this step. Only for decoders with
   * `lookAhead`. Passes that compute more than a block needs, as those that refresh a cache, make no branches.
   */
  branch(offset: number, token: number, confidence?: number): void;
}

/** The progress of a block before a step. */
export interface ScheduleView {
  /** Undecided positions now. */
  readonly open: number;
  /** Undecided positions when the block was entered. */
  readonly openAtStart: number;
  /** Decode steps of this block before this one. */
  readonly step: number;
}

/** A parameter of a kernel: an unsigned 32-bit integer, a float, or null if an optional parameter is off. */
export type KernelValue = number | { readonly f32: number } | null;

/**
 * Describes a decoder to backends that implement it as a kernel. The description does not depend on the backend; each backend
 * has its own kernels.
 */
export interface DecoderKernel<P extends Parameters = Parameters> {
  /**
   * The kernel's parameters in a step, in order, if the host must compute some of them. By default the declared parameters:
   * integers and floats as they are, booleans as 0 or 1, choices as their index.
   */
  parameters?(
    parameters: ValuesOf<P>,
    view: Omit<ScheduleView, "open">,
  ): Readonly<Record<string, KernelValue>>;
  /** 32-bit words per position that the kernel keeps from step to step, for a block of this length. */
  positionWords?(blockLength: number): number;
  /**
   * Maximum tokens per position whose logits the kernel gathers after this number of steps of the block. The kernel lists the
   * tokens itself. A decoder with this function makes at most one step per position of a block.
   */
  gatheredTokens?(steps: number): number;
}

/** Maximum consecutive steps in which a schedule commits nothing. */
export const maxIdleSteps = 65_536;
/** Maximum steps on a filled block. */
export const maxPostSteps = 1024;
/** Maximum steps on an open block for each of its positions. A decoder that never revokes makes at most one. */
export const maxStepsPerPosition = 4;

export interface Decoder<P extends Parameters = Parameters, State = unknown> {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** The paper and section that describe the decoder. All built-in decoders have it. */
  readonly source?: string | undefined;
  readonly parameters: P;
  /** The parameter that iteration smoothing replaces by its own threshold. Absent if the decoder does not support smoothing. */
  readonly smoothed?: (keyof P & string) | undefined;
  /**
   * `divergence`: the view's `divergence`. `known`: statistics of the known positions, and steps on a filled block until
   * `isBlockDone` returns true. `couplings`: the view's `coupling`, in blocks of at most `maxCoupledRows` positions; among the open
   * positions, and with `known` among these and the known ones. `shadow`: the view's `shadowProbability`;
   * passes then compute the block twice. Only for bidirectional models.
   */
  readonly needs?: readonly Need[] | undefined;
  /** For backends with a kernel of the decoder; absent if the kernel needs only the declared parameters. */
  readonly kernel?: DecoderKernel<P> | undefined;
  /** The reason why kernels do not support these parameters; undefined if they do. */
  onlyOnHost?(parameters: ValuesOf<P>): string | undefined;
  /**
   * The number of positions that a step commits, for decoders whose schedule fixes it before the pass. Steps that commit nothing
   * are counted but not computed. Without this function, every step on an open block commits at least one position.
   */
  transferCount?(view: ScheduleView, parameters: ValuesOf<P>): number;
  /** The decoder's state when a block is entered: plain data, which `commit` changes in place. */
  start?(length: number): State;
  /** The number of the model's last layers whose attention `coupling` averages. By default, or if null, a quarter of the layers. */
  couplingLayers?(parameters: ValuesOf<P>): number | null;
  /**
   * For decoders that propose branches. `commit` then sees the block that `choose` returned, with the branch's token as decided. Not
   * together with needs other than `known`, with `transferCount`, or with smoothing.
   */
  readonly lookAhead?: LookAhead<P> | undefined;
  /** The tokens whose logits `commit` needs at an offset. */
  gather?(state: State, offset: number): readonly number[];
  /**
   * Decides one step, deterministically from the arguments. Commits at least one open offset if there is one, unless
   * `transferCount` is 0. A request fails if its decoder revokes so much that a block takes more than `maxStepsPerPosition` steps
   * for each of its positions.
   */
  commit(view: BlockView, parameters: ValuesOf<P>, out: Commits, state: State): void;
  /** Updates the state after a step that a device decided, as far as `isBlockDone` reads it. */
  observe?(state: State, open: number, edits: number): void;
  /**
   * Whether a filled block is done. Called after each step that leaves no open position; the default is true. A request fails if
   * its decoder makes more than `maxPostSteps` steps on a filled block.
   */
  isBlockDone?(state: State, parameters: ValuesOf<P>): boolean;
}

/**
 * Declares a decoder. TypeScript infers the types of parameters and state in its functions. The result has a general type: the
 * engine validates parameters against the declaration and does not read the state, so the types still hold at run time.
 */
export function decoder<const P extends Parameters, State = undefined>(
  declaration: Decoder<P, State>,
): Decoder {
  return declaration as unknown as Decoder;
}
