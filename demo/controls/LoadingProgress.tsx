/** How far loading is, and a button that ends it. */
import { cancelLoading, type EngineState } from "../engine/engineState.ts";
import { nameOf } from "../engine/modelChoice.ts";
import { progressText, shareOf } from "./progressText.ts";

export function LoadingProgress({ state }: { readonly state: Extract<EngineState, { phase: "loading" }> }) {
  return (
    <div class="loading">
      <p>
        <b>Loading {nameOf(state.choice.model)}</b>
      </p>
      <p class="progress-text">{progressText(state.progress)}</p>
      <progress aria-label="Loading" max={1} value={shareOf(state.progress)} />
      <button type="button" class="quiet" onClick={cancelLoading}>
        Cancel
      </button>
    </div>
  );
}
