/**
 * A cache policy decides which positions the next pass of a sequence computes. A pass writes the keys and values of every
 * computed position in place, so the choice of a range is all that a policy consists of: a pure function from the
 * sequence's state to a range and the next state.
 */
import type { Parameters, ValuesOf } from "../declare/index.ts";

/** Positions [start, end). */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The state of a sequence that a policy can depend on. */
export interface CacheView {
  /** The current block. */
  readonly start: number;
  readonly end: number;
  /** Start of the previous block; undefined for the first block. */
  readonly previous: number | undefined;
  /** The current sub-block; the whole block if it is not divided. */
  readonly subBlock: Range;
  /** The range from the first wanted row to the last. In models with a shift, a row predicts the position after it. */
  readonly rows: Range;
  /** Undecided positions of the sub-block. */
  readonly openCount: number;
  /** Positions of the whole sequence. */
  readonly length: number;
  /** Whether iteration smoothing is on. */
  readonly smoothing: boolean;
}

/** A policy's state for one sequence: plain data. Policies add their own fields. */
export interface CacheState {
  /** Passes so far, as the schedules of iteration smoothing count them. */
  readonly iteration: number;
}

/** The positions [start, end) of the next pass. */
export interface CachePass<State extends CacheState = CacheState> {
  readonly start: number;
  readonly end: number;
  /** Whether the pass computes the keys and values of the whole sequence for later passes. */
  readonly refresh: boolean;
  /** Whether the pass only encodes the prompt and decides nothing. */
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
  /** Whether a pass depends on the commits of the previous pass. Then only the host can plan passes. */
  readonly followsCommits?: boolean;
  /**
   * Whether all passes are made exactly as the policy plans them, to reproduce the passes of a published implementation: steps
   * that commit nothing are computed, and a prompt is encoded in one pass and not shared. Only the host can plan such passes.
   */
  readonly everyPass?: boolean;
  /**
   * Whether passes depend on the number of earlier passes in the block or the sequence. By default they do not: all passes of a
   * block after the first one have the same range.
   */
  countsPasses?(state: State, parameters: ValuesOf<P>): boolean;
  readonly parameters: P;
  /** The state of a sequence before its first pass. */
  readonly initial: State;
  next(state: State, view: CacheView, parameters: ValuesOf<P>): CachePass<State>;
  /**
   * What passes inside of a block compute, apart from its first one and those that refresh: for decoders that look ahead, which compute
   * it several times. Absent if the policy's passes are those of a published implementation.
   */
  window?(view: Pick<CacheView, "start" | "end" | "length">, parameters: ValuesOf<P>): Range;
  /** Whether the sequence must stay in its block even if the block is complete. The default is false. */
  holdsBlock?(state: State): boolean;
}

/** Whether a decoder can decide by passes of the policy. */
export function suitsDecoder(
  { exact, blockCausal, everyPass, window }: CachePolicy,
  { needs = [], lookAhead }: { readonly needs?: readonly string[] | undefined; readonly lookAhead?: unknown },
): boolean {
  if (lookAhead && !window) return false;
  // Beside a shadow every pass computes the whole block, so no position that it verifies or takes back is stale.
  if (needs.includes("shadow")) return !blockCausal && !everyPass;
  return exact || !needs.includes("known");
}

/**
 * Declares a policy. TypeScript infers the types of parameters and state in its functions. The result has a general type: the
 * engine validates parameters against the declaration and does not read the state, so the types still hold at run time.
 */
export function cachePolicy<const P extends Parameters, State extends CacheState>(
  declaration: CachePolicy<P, State>,
): CachePolicy {
  return declaration as unknown as CachePolicy;
}
