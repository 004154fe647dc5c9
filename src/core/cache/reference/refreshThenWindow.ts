/** The iterations of dInfer's prefix and dual caches: a refresh if one is due, then always a window pass. */
import type { CachePass, CachePolicy, CacheState, CacheView } from "../policy.ts";
import { fullPass, refreshEvery, type Window } from "../windowed.ts";
import { everyPass } from "./everyPass.ts";

export interface IterationState extends CacheState {
  /** Start of the block of the last refresh; -1 before the first refresh. */
  readonly block: number;
  /** Whether the iteration still has its window pass, which is made even if the refresh has completed the block. */
  readonly windowPending: boolean;
}

export const initialIterationState: IterationState = { iteration: 0, block: -1, windowPending: false };

/** A policy whose iterations compute the whole sequence if a refresh is due, and then `window`. */
export function refreshThenWindow(
  about: Pick<CachePolicy, "name" | "help" | "source">,
  window: (view: CacheView) => Window,
): CachePolicy {
  return everyPass({
    ...about,
    exact: false,
    parameters: { refreshEvery },
    initial: initialIterationState,
    next: (state, view, { refreshEvery }) => iterationPass(state, view, window(view), refreshEvery),
    hasSecondPass: ({ windowPending }) => windowPending,
  });
}

function iterationPass(
  state: IterationState,
  view: CacheView,
  window: Window,
  refreshEvery: number | null,
): CachePass<IterationState> {
  if (state.windowPending) return windowPass(state, window);
  const due = state.block !== view.start || isRefreshTurn(state.iteration, refreshEvery);
  const entered = { ...state, block: view.start };
  if (!due) return windowPass(entered, window);
  // A refresh counts as an iteration only with smoothing.
  const iteration = state.iteration + (view.smoothing ? 1 : 0);
  return fullPass(view, true, { ...entered, iteration, windowPending: true });
}

/** The window pass, which ends an iteration. */
export function windowPass<State extends IterationState>(state: State, window: Window): CachePass<State> {
  return {
    ...window,
    refresh: false,
    state: { ...state, iteration: state.iteration + 1, windowPending: false },
  };
}

/** Whether `refreshEvery` requires a refresh in this iteration. */
export function isRefreshTurn(iteration: number, refreshEvery: number | null): boolean {
  return refreshEvery !== null && iteration % refreshEvery === 0;
}
