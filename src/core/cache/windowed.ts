/**
 * The common part of prefix, dual and vicinity. At block entry, unless that is off, and every `refreshEvery` passes, a refresh
 * computes the whole sequence. Other passes compute a window, which depends on the policy.
 */
import { boolean, optionalInteger } from "../declare/index.ts";
import { type CachePass, type CachePolicy, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

export const refreshEvery = optionalInteger({
  default: null,
  minimum: 1,
  help: "passes from one refresh to the next within a block; by default only block entry refreshes",
});

export const refreshAtEntry = boolean({
  default: true,
  help: "refresh at the entry of every block; if off, only at that of the first one",
});

export interface WindowedState extends CacheState {
  /** Start of the block of the last refresh; -1 before the first refresh. */
  readonly block: number;
  /** Passes since the last refresh, including it; 0 before the first refresh. */
  readonly sinceRefresh: number;
}

export const initialWindowedState: WindowedState = { iteration: 0, block: -1, sinceRefresh: 0 };

export interface Window {
  readonly start: number;
  readonly end: number;
}

export interface RefreshSchedule {
  /** Number of full passes at the start of a sequence, whose keys and values later passes do not use. */
  readonly warmup: number;
  /** Passes from one refresh to the next within a block; null refreshes only at block entry. */
  readonly refreshEvery: number | null;
  /** Whether the entry of each block refreshes, or only the first one. */
  readonly refreshAtEntry: boolean;
}

/** A policy that refreshes at block entry, unless that is off, and every `refreshEvery` passes, and computes `window` in other passes. */
export function windowedPolicy(
  about: Pick<CachePolicy, "name" | "help" | "source">,
  window: (view: Pick<CacheView, "start" | "end" | "length">) => Window,
): CachePolicy {
  return cachePolicy({
    ...about,
    exact: false,
    parameters: { refreshEvery, refreshAtEntry },
    initial: initialWindowedState,
    window,
    countsPasses: (_, { refreshEvery }) => refreshEvery !== null,
    next: (state, view, schedule) => windowedPass(state, view, window(view), { warmup: 0, ...schedule }),
  });
}

/** The next pass: a warm-up pass, a refresh or a window. All of them are decode steps. */
export function windowedPass(
  state: WindowedState,
  view: CacheView,
  window: Window,
  { warmup, refreshEvery, refreshAtEntry }: RefreshSchedule,
): CachePass<WindowedState> {
  const { sinceRefresh } = state;
  const iteration = state.iteration + 1;
  if (state.iteration < warmup) return fullPass(view, false, { ...state, iteration });
  const enters = refreshAtEntry ? state.block !== view.start : state.block < 0;
  const due = enters || (refreshEvery !== null && sinceRefresh >= refreshEvery);
  if (due) return fullPass(view, true, { iteration, block: view.start, sinceRefresh: 1 });
  return { ...window, refresh: false, state: { ...state, iteration, sinceRefresh: sinceRefresh + 1 } };
}

/** A pass over the whole sequence. */
export function fullPass<State extends CacheState>(
  { length }: CacheView,
  refresh: boolean,
  state: State,
): CachePass<State> {
  return { start: 0, end: length, refresh, state };
}
