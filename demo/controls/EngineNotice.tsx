/** Which model runs on what, and why; or how far it is loaded. */
import type { LoadProgress } from "../../src/core/index.ts";
import { cancelLoading, type EngineState, type Picked } from "../engine/engineState.ts";
import { nameOf } from "../engine/modelChoice.ts";
import { bytesText, durationText } from "./units.ts";

export function EngineNotice({ state }: { readonly state: EngineState }) {
  return (
    <div class="notice" role="status" data-phase={state.phase}>
      <Notice state={state} />
    </div>
  );
}

function Notice({ state }: { readonly state: EngineState }) {
  switch (state.phase) {
    case "none":
      return <p>No model is loaded.</p>;
    case "loading":
      return (
        <>
          <p>
            <b>Loading {nameOf(state.choice.model)}</b> {progressText(state.progress)}
          </p>
          <progress
            aria-label="Loading"
            max={1}
            value={state.progress ? state.progress.loadedBytes / Math.max(1, state.progress.totalBytes) : 0}
          />
          <button type="button" class="quiet" onClick={cancelLoading}>
            Cancel
          </button>
        </>
      );
    case "ready":
      return (
        <>
          <p>
            <b class="device">{state.engine.info.device}.</b> <span class="why">{placeText(state)}</span>
          </p>
          <p class="why">
            {parametersText(state.engine.info.parameters)} parameters, ready in {durationText(state.loadMs)}:{" "}
            {nameOf(state.choice.model)}.
          </p>
        </>
      );
  }
}

const stages = { download: "downloading", weights: "reading weights", compile: "compiling kernels" } as const;

function progressText(progress: LoadProgress | undefined): string {
  if (!progress) return "";
  const { stage, loadedBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const bytes = `${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`;
  const rate = bytesPerSecond > 0 ? `, ${bytesText(bytesPerSecond)}/s` : "";
  const left = secondsLeft === undefined ? "" : `, ${durationText(1000 * secondsLeft)} left`;
  return `${stages[stage]}, ${bytes}${rate}${left}`;
}

function placeText({ choice: { model }, picked }: Extract<EngineState, { phase: "ready" }>): string {
  return model.kind === "server" ? `Runs on the server at ${model.server.address}.` : reasonText(picked);
}

function reasonText(picked: Picked | undefined): string {
  if (!picked) return "";
  if (picked.backend === "webgpu") return "";
  if (picked.reason === "chosen by name") return "Chosen in the settings.";
  return `Not with WebGPU, as ${picked.reason}.`;
}

function parametersText(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} billion`;
  return `${(count / 1e6).toFixed(1)} million`;
}
