/**
 * A cache policy decides which positions the next pass of a sequence computes. It is a pure function from the
 * sequence's state to a range and the next state: keys and values are written in place for every computed position, so
 * a policy is nothing but the choice of a range.
 */
import type { Parameters, ValuesOf } from "../declare/index.ts";

/** Positions [start, end). */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The part of a sequence's state that a policy depends on. */
export interface CacheView {
  /** The current block. */
  readonly start: number;
  readonly end: number;
  /** Start of the block before it; undefined for the first. */
  readonly previous: number | undefined;
  /** The sub-block that is being decoded; the block itself where it is not divided. */
  readonly subBlock: Range;
  /** From the first wanted row to the last: with a shift, rows lie before the positions that they predict. */
  readonly rows: Range;
  /** Undecided positions of the sub-block. */
  readonly openCount: number;
  /** Positions of the whole sequence. */
  readonly length: number;
  /** Whether iteration smoothing is on. */
  readonly smoothing: boolean;
}

/** A policy's memory of a sequence: plain data, to which a policy adds fields of its own. */
export interface CacheState {
  /** Passes so far, as iteration smoothing's schedules count them. */
  readonly iteration: number;
}

/** The positions [start, end) of the next pass. */
export interface CachePass<State extends CacheState = CacheState> {
  readonly start: number;
  readonly end: number;
  /** Whether the pass renews the keys and values of the whole sequence, for later passes to use. */
  readonly refresh: boolean;
  /** Whether the pass only encodes the prompt: nothing is decoded from it. */
  readonly prefill?: boolean;
  readonly state: State;
}

export interface CachePolicy<P extends Parameters = Parameters, State extends CacheState = CacheState> {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** Paper and section. */
  readonly source: string;
  /** Whether the cached keys and values are never stale. */
  readonly exact: boolean;
  /** Whether the policy needs a block-causal model. */
  readonly blockCausal?: boolean;
  /** Whether a pass depends on the commits of the pass before it: then only the host can plan them. */
  readonly followsCommits?: boolean;
  /**
   * Whether every pass is made as the policy states it, for comparison with a published implementation pass for pass:
   * steps that commit nothing are computed too, and a prompt is encoded in one pass, without sharing. The passes are
   * planned one by one, so only the host can plan them.
   */
  readonly everyPass?: boolean;
  /**
   * Whether passes depend on how many passes came before in the block or the sequence. By default they do not: the first
   * pass of a block is one, and all later passes of the block are another.
   */
  countsPasses?(state: State, parameters: ValuesOf<P>): boolean;
  readonly parameters: P;
  /** The state of a sequence before its first pass. */
  readonly initial: State;
  next(state: State, view: CacheView, parameters: ValuesOf<P>): CachePass<State>;
  /** Whether the sequence must not leave its block yet, even if the block is complete. Without it, it may. */
  holdsBlock?(state: State): boolean;
}

/**
 * Declares a policy. The types of parameters and state flow into its functions; the result gives them up, as a sequence
 * validates parameters against the declaration and passes the state back unread.
 */
export function cachePolicy<const P extends Parameters, State extends CacheState>(
  declaration: CachePolicy<P, State>,
): CachePolicy {
  return declaration as unknown as CachePolicy;
}
