import type { CachePass, CacheView } from "../policy.ts";
import { vicinityOf, vicinityParameters } from "../vicinity.ts";
import { fullPass, type RefreshSchedule, type Window } from "../windowed.ts";
import { everyPass } from "./everyPass.ts";
import {
  type IterationState,
  initialIterationState,
  isRefreshTurn,
  windowPass,
} from "./refreshThenWindow.ts";

interface VicinityState extends IterationState {
  /** Whether the first refresh was made. */
  readonly refreshed: boolean;
}

/**
 * Warm-up passes, then iterations as in dInfer's prefix and dual caches, with three differences: the first refresh does not
 * record its block, there is no other refresh in the first block, and every refresh counts as an iteration.
 */
function next(
  state: VicinityState,
  view: CacheView,
  window: Window,
  { warmup, refreshEvery }: Pick<RefreshSchedule, "warmup" | "refreshEvery">,
): CachePass<VicinityState> {
  if (state.windowPending) return windowPass(state, window);
  const iteration = state.iteration + 1;
  if (state.iteration < warmup) return fullPass(view, false, { ...state, iteration });
  if (!state.refreshed)
    return fullPass(view, true, { ...state, iteration, refreshed: true, windowPending: true });
  const due = state.block !== view.start || isRefreshTurn(state.iteration, refreshEvery);
  const entered = { ...state, block: view.start };
  if (due && view.previous !== undefined)
    return fullPass(view, true, { ...entered, iteration, windowPending: true });
  return windowPass(entered, window);
}

/** dInfer's passes of `vicinity`. */
export const dInferVicinity = everyPass({
  name: "dInferVicinity",
  help: "For comparison: makes exactly the passes of dInfer's vicinity cache, including those on finished blocks.",
  source: "dInfer (arXiv 2510.08666), vicinity KV-cache refresh",
  exact: false,
  parameters: vicinityParameters,
  initial: { ...initialIterationState, refreshed: false },
  next: (state, view, parameters) => next(state, view, vicinityOf(view, parameters), parameters),
  hasSecondPass: ({ windowPending }) => windowPending,
});
