/**
 * A decoder decides, from the statistics of a block's positions, which of them are committed in this step.
 * It is one declaration: everything else (validation, options, schemas, tables) derives from it.
 */
import type { Parameters, ValuesOf } from "../declare/index.ts";
import type { Statistics } from "../tensor/index.ts";

/**
 * The view that a decoder has of a block in one step. All arrays are indexed by offset: position minus the block's start.
 * Statistics are defined at the offsets in `open`, the undecided ones, and in `known` where the decoder needs these. The next step of the
 * block reuses the arrays: a decoder that remembers numbers copies them into its state.
 */
export interface BlockView extends Statistics {
  readonly length: number;
  /** The block's first position, and the positions of the sequence. */
  readonly start: number;
  readonly sequenceLength: number;
  /** Offsets of the undecided positions, ascending; never empty, unless the decoder needs `known`. */
  readonly open: readonly number[];
  /** Offsets of the generated positions that hold a token, ascending: neither open nor given from the start. */
  readonly known: readonly number[];
  /** The tokens of the block as the model saw them; in a mask model the mask token where open. */
  readonly current: Uint32Array;
  /** Masked positions when the block was entered. */
  readonly openAtStart: number;
  /** Decode steps of this block before this one. */
  readonly step: number;
  /**
   * KL(p_t || p_t-1) in nats, of the plain softmax in this decode step and in the one before; infinite where the
   * one before did not look at the position. Only where the decoder needs `divergence`.
   */
  readonly divergence: Float32Array;
  /** The logits of the tokens that `gather` named for this offset, in its order. */
  gathered(offset: number): Float32Array;
  /** Uniform in (0, 1), fixed by seed, position and step. */
  random(offset: number): number;
  /** What sampling adds to a token's logit: temperature times its Gumbel noise in this step; 0 at temperature 0. */
  noise(offset: number, token: number): number;
}

/** Inputs that a decoder may need beyond the statistics of the open positions. */
export type Need = "divergence" | "known";

/** Where a decoder puts its decisions. */
export interface Commits {
  /** Writes a token to an open offset. `confidence` is by default the view's. */
  commit(offset: number, token: number, confidence?: number): void;
  /** Writes another token to a known offset; for decoders that need `known`. */
  edit(offset: number, token: number, confidence?: number): void;
}

/** How far a block is before a step. */
export interface ScheduleView {
  /** Masked positions now, and when the block was entered. */
  readonly open: number;
  readonly openAtStart: number;
  /** Decode steps of this block before this one. */
  readonly step: number;
}

/** A parameter of a kernel: an unsigned 32-bit integer, a float, or nothing, as where an optional parameter is off. */
export type KernelValue = number | { readonly f32: number } | null;

/**
 * What backends need to know of a decoder to decide on a device with a kernel of theirs. Which decoders have a kernel, is
 * a backend's own; this is the same for all of them.
 */
export interface DecoderKernel<P extends Parameters = Parameters> {
  /**
   * The kernel's parameters in a step, in order, for what the host must compute. Without it they are the declared ones:
   * integers, floats, 0 or 1 for a boolean, the index of a choice.
   */
  parameters?(
    parameters: ValuesOf<P>,
    view: Omit<ScheduleView, "open">,
  ): Readonly<Record<string, KernelValue>>;
  /** 32-bit words that the kernel keeps at each position of a block of this length, from step to step. */
  positionWords?(blockLength: number): number;
  /**
   * The kernel's `gather`: maximum tokens whose logits it reads at a position, after this many steps of the block. It lists
   * them itself. Such a decoder makes at most a step for each position of a block.
   */
  gatheredTokens?(steps: number): number;
}

/** Maximum steps in a row that are known to commit nothing, and maximum steps on a filled block. */
export const maxIdleSteps = 65_536;
export const maxPostSteps = 1024;

export interface Decoder<P extends Parameters = Parameters, State = unknown> {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** Paper and section, where it is published. The built-in decoders name it. */
  readonly source?: string | undefined;
  readonly parameters: P;
  /** The parameter that iteration smoothing's threshold replaces; without one, smoothing is refused. */
  readonly smoothed?: (keyof P & string) | undefined;
  /**
   * `divergence`: that statistic. `known`: statistics of the known positions too, and steps on a filled
   * block until `isBlockDone` returns true.
   */
  readonly needs?: readonly Need[] | undefined;
  /** For backends that have a kernel of the decoder; absent if the parameters are all that it needs. */
  readonly kernel?: DecoderKernel<P> | undefined;
  /** Why a device cannot decide with these parameters, although it has the decoder; undefined if it can. */
  onlyOnHost?(parameters: ValuesOf<P>): string | undefined;
  /**
   * How many positions a step commits, for decoders whose schedule fixes the number before the pass. Steps that commit none
   * are counted and not computed. Without it, every step on an open block commits at least one position.
   */
  transferCount?(view: ScheduleView, parameters: ValuesOf<P>): number;
  /** The state of a block that is entered: plain data. `commit` changes it in place. */
  start?(length: number): State;
  /** The tokens whose logits `commit` needs at an offset. */
  gather?(state: State, offset: number): readonly number[];
  /** Deterministic in its arguments. Commits at least one open offset if there is one, unless `transferCount` is 0. */
  commit(view: BlockView, parameters: ValuesOf<P>, out: Commits, state: State): void;
  /** Updates the state that `isBlockDone` reads, as `commit` does, after a step that a device decided. */
  observe?(state: State, open: number, edits: number): void;
  /**
   * Whether a filled block is done; called after each step that leaves no open position. By default it is. A decoder that
   * makes more than `maxPostSteps` steps on a filled block fails its request.
   */
  isBlockDone?(state: State, parameters: ValuesOf<P>): boolean;
}

/**
 * Declares a decoder; the parameters' and the state's types flow into its functions. The result is the decoder
 * as the engine holds it: it validates parameters against the declaration and passes state back unread, so the
 * types that are given up here are kept at run time.
 */
export function decoder<const P extends Parameters, State = undefined>(
  declaration: Decoder<P, State>,
): Decoder {
  return declaration as unknown as Decoder;
}
