/**
 * A cache policy decides what the next pass of a sequence computes. It is a pure function from the sequence's
 * state to a pass and the next state; keys and values are written in place for every computed position, so a
 * policy is nothing but the choice of a range.
 */
import type { Parameters, ValuesOf } from "../declare/index.ts";

/** Positions [start, end). */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** What of a sequence a policy depends on. */
export interface CacheView {
  /** The current block. */
  readonly start: number;
  readonly end: number;
  /** Start of the block before it; undefined for the first. */
  readonly previous: number | undefined;
  /** The part of the block that is being decoded; the block itself where it is not divided. */
  readonly subBlock: Span;
  /** From the first row that is wanted to the last: with a shift they begin before what they predict. */
  readonly rows: Span;
  /** Positions of the whole sequence. */
  readonly length: number;
  /** Whether iteration smoothing is on. */
  readonly smoothing: boolean;
}

/** A policy's memory of a sequence: plain data. */
export interface CacheState {
  /** The iteration counter, which smoothing's schedules follow too. */
  readonly iteration: number;
  /** Start of the block for which the last refresh was made; -1 before any. */
  readonly block: number;
  /** Passes since the last refresh, itself included; 0 before one. */
  readonly sinceRefresh: number;
  /** Reference mode: keys are kept. */
  readonly cacheFilled: boolean;
  /** Reference mode: the iteration's second pass is to come, even if the block is complete by now. */
  readonly secondPassPending: boolean;
}

export const initialCacheState: CacheState = {
  iteration: 0,
  block: -1,
  sinceRefresh: 0,
  cacheFilled: false,
  secondPassPending: false,
};

/** The positions [start, end) of the next pass. */
export interface CachePass {
  readonly start: number;
  readonly end: number;
  /** Whether it renews the keys and values of the whole sequence, for later passes to use. */
  readonly refresh: boolean;
  /** Whether it only encodes the prompt: nothing is decoded from it. */
  readonly prefill?: boolean;
  readonly state: CacheState;
}

export interface CachePolicy<P extends Parameters = Parameters> {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** Paper and section. */
  readonly source: string;
  /** Whether what it keeps is never stale. */
  readonly exact: boolean;
  /** Whether it needs a block-causal model. */
  readonly blockCausal?: boolean;
  /** Whether a pass depends on what the one before it committed: then only the host can plan them. */
  readonly followsCommits?: boolean;
  readonly parameters: P;
  next(state: CacheState, view: CacheView, parameters: ValuesOf<P>): CachePass;
  /** The passes that dInfer makes, those that fall on finished blocks included. */
  nextInReference(state: CacheState, view: CacheView, parameters: ValuesOf<P>): CachePass;
}

/** Declares a policy; the parameters' types flow into its functions, and are given up as in `decoder`. */
export function cachePolicy<const P extends Parameters>(declaration: CachePolicy<P>): CachePolicy {
  return declaration as unknown as CachePolicy;
}
