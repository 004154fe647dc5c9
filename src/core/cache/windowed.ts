/**
 * What prefix, dual and vicinity have in common: a full pass renews everything at block entry and every
 * `refreshEvery` passes; in between, only a window is computed. The policies differ in the window alone.
 */
import { optionalInteger } from "../declare/index.ts";
import { type CachePass, type CachePolicy, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

export const refreshEvery = optionalInteger({
  default: null,
  minimum: 1,
  help: "passes from one full pass to the next within a block; by default only block entry makes one",
});

export interface WindowedState extends CacheState {
  /** Start of the block for which the last refresh was made; -1 before any. */
  readonly block: number;
  /** Passes since the last refresh, itself included; 0 before one. */
  readonly sinceRefresh: number;
}

export const initialWindowedState: WindowedState = { iteration: 0, block: -1, sinceRefresh: 0 };

export interface Window {
  readonly start: number;
  readonly end: number;
}

export interface RefreshSchedule {
  /** Full passes at the sequence's start that keep no cache. */
  readonly warmup: number;
  /** null: only at block entry. */
  readonly refreshEvery: number | null;
}

/** A policy that renews everything at block entry and computes `window` in between. */
export function windowedPolicy(
  about: Pick<CachePolicy, "name" | "help" | "source">,
  window: (view: CacheView) => Window,
): CachePolicy {
  return cachePolicy({
    ...about,
    exact: false,
    parameters: { refreshEvery },
    initial: initialWindowedState,
    countsPasses: (_, { refreshEvery }) => refreshEvery !== null,
    next: (state, view, { refreshEvery }) =>
      windowedPass(state, view, window(view), { warmup: 0, refreshEvery }),
  });
}

/** A refresh is a decode step like any other. */
export function windowedPass(
  state: WindowedState,
  view: CacheView,
  window: Window,
  { warmup, refreshEvery }: RefreshSchedule,
): CachePass<WindowedState> {
  const { sinceRefresh } = state;
  const iteration = state.iteration + 1;
  if (state.iteration < warmup) return fullPass(view, false, { ...state, iteration });
  const due = state.block !== view.start || (refreshEvery !== null && sinceRefresh >= refreshEvery);
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
