/** Which model runs on what, and why; or how far it is loaded. */
import { type EngineState, loadEngine, type Picked } from "../engine/engineState.ts";
import { nameOf } from "../engine/modelChoice.ts";
import { LoadingProgress } from "./LoadingProgress.tsx";
import { bytesText, countText, durationText } from "./units.ts";

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
      return <Unloaded state={state} />;
    case "loading":
      return <LoadingProgress state={state} />;
    case "ready":
      return (
        <>
          <p>
            <b class="device">{state.engine.info.device}.</b> <span class="why">{placeText(state)}</span>
          </p>
          <p class="why">
            {countText(state.engine.info.parameters)} parameters, ready in {durationText(state.loadMs)}:{" "}
            {nameOf(state.choice.model)}.
          </p>
        </>
      );
  }
}

/** Loading ended before the model was there, or its device was lost for good. */
function Unloaded({ state }: { readonly state: Extract<EngineState, { phase: "none" }> }) {
  const { choice, progress } = state;
  if (!choice) return <p>No model is loaded.</p>;
  const isPart = progress?.stage === "download";
  return (
    <>
      <p>
        <b>{nameOf(choice.model)}</b> is not loaded.{" "}
        {isPart && `${bytesText(progress.loadedBytes)} of ${bytesText(progress.totalBytes)} are kept.`}
      </p>
      <button type="button" class="quiet" onClick={() => void loadEngine(choice)}>
        {isPart ? "Continue" : "Load again"}
      </button>
    </>
  );
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
