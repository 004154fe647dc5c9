/**
 * What prefix, dual and vicinity have in common: a full pass renews everything at block entry and every
 * `refreshEvery` passes; between, only a window is computed. They differ in the window alone.
 */
import { optionalInteger } from "../declare/index.ts";
import { type CachePass, type CachePolicy, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

export const refreshEvery = optionalInteger({
  default: null,
  minimum: 1,
  help: "make every so many-th pass a full one, beside the one at block entry",
});

/** A policy that renews everything at block entry and computes `window` between. */
export function windowedPolicy(
  about: Pick<CachePolicy, "name" | "help" | "source">,
  window: (view: CacheView) => Window,
): CachePolicy {
  return cachePolicy({
    ...about,
    exact: false,
    parameters: { refreshEvery },
    next: (state, view, { refreshEvery }) =>
      windowedPass(state, view, window(view), { warmup: 0, refreshEvery }),
    nextInReference: (state, view, { refreshEvery }) =>
      referencePass(state, view, window(view), { warmup: 0, refreshEvery }),
  });
}

export interface Window {
  readonly start: number;
  readonly end: number;
}
export interface Schedule {
  /** Full passes at the sequence's start that keep no cache. */
  readonly warmup: number;
  /** null: only at block entry. */
  readonly refreshEvery: number | null;
}

/** Default mode: a refresh is itself the step. */
export function windowedPass(
  state: CacheState,
  view: CacheView,
  window: Window,
  schedule: Schedule,
): CachePass {
  const { iteration, sinceRefresh } = state;
  if (iteration < schedule.warmup) return full(view, false, { ...state, iteration: iteration + 1 });
  const due =
    state.block !== view.start || (schedule.refreshEvery !== null && sinceRefresh >= schedule.refreshEvery);
  if (due)
    return full(view, true, { ...state, iteration: iteration + 1, block: view.start, sinceRefresh: 1 });
  return {
    ...window,
    refresh: false,
    state: { ...state, iteration: iteration + 1, sinceRefresh: sinceRefresh + 1 },
  };
}

/** Reference mode of prefix and dual: an iteration is a refresh if one is due, and a window pass in any case. */
function referencePass(state: CacheState, view: CacheView, window: Window, schedule: Schedule): CachePass {
  if (state.secondPassPending) return secondPass(state, window);
  const due = state.block !== view.start || isTurn(state.iteration, schedule);
  const next = { ...state, block: view.start };
  if (!due) return secondPass(next, window);
  return full(view, true, {
    ...next,
    iteration: state.iteration + (view.smoothing ? 1 : 0),
    secondPassPending: true,
  });
}

/**
 * Reference mode of vicinity: warm-up passes first; then as prefix and dual, but the very first refresh does not
 * remember its block, none is made in the first block but that, and a refresh counts as an iteration.
 */
export function warmReferencePass(
  state: CacheState,
  view: CacheView,
  window: Window,
  schedule: Schedule,
): CachePass {
  if (state.secondPassPending) return secondPass(state, window);
  const { iteration } = state;
  if (iteration < schedule.warmup) return full(view, false, { ...state, iteration: iteration + 1 });
  if (!state.cacheFilled)
    return full(view, true, {
      ...state,
      iteration: iteration + 1,
      cacheFilled: true,
      secondPassPending: true,
    });
  const due = state.block !== view.start || isTurn(iteration, schedule);
  const next = { ...state, block: view.start };
  if (due && view.previous !== undefined)
    return full(view, true, { ...next, iteration: iteration + 1, secondPassPending: true });
  return secondPass(next, window);
}

function isTurn(i: number, { refreshEvery }: Schedule): boolean {
  return refreshEvery !== null && i % refreshEvery === 0;
}

function full(view: CacheView, refresh: boolean, state: CacheState): CachePass {
  return { start: 0, end: view.length, refresh, state };
}

function secondPass(state: CacheState, window: Window): CachePass {
  return {
    ...window,
    refresh: false,
    state: { ...state, iteration: state.iteration + 1, secondPassPending: false },
  };
}
