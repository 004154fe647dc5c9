/** The choice of model and backend. */
import { useSignal } from "@preact/signals";
import { type BackendName, backendNames, type EngineChoice, engineState } from "../engine/engineState.ts";
import { embedded, type ModelChoice } from "../engine/modelChoice.ts";
import { chosen, openModel } from "../engine/offerState.ts";
import { FolderField } from "./FolderField.tsx";
import { KeptModels } from "./KeptModels.tsx";
import { LoadingProgress } from "./LoadingProgress.tsx";
import { ModelOffer } from "./ModelOffer.tsx";
import { ProblemNote } from "./ProblemNote.tsx";
import { ServerModels } from "./ServerModels.tsx";

const backendLabels: Readonly<Record<BackendName, string>> = {
  auto: "GPU if there is one, else the CPU",
  webgpu: "WebGPU, on any adapter",
  wasm: "CPU (WebAssembly)",
  cpu: "CPU, plain TypeScript (slow)",
};

export function ModelPanel() {
  const address = useSignal("");
  const state = engineState.value;
  const { model: present, backend, profile = false } = chosen.value;
  const change = (changed: Partial<EngineChoice>) =>
    void openModel({ model: present, backend, profile, ...changed });
  const open = (model: ModelChoice) => change({ model });
  return (
    <div class="settings model">
      <h2>Model</h2>
      <ModelOffer />
      {/* On a phone the notice at the top of the page is out of sight; elsewhere this is hidden. */}
      {state.phase === "loading" && state.choice.model.kind !== "embedded" && (
        <LoadingProgress state={state} />
      )}
      {state.phase === "none" && state.problem && <ProblemNote problem={state.problem} />}
      <ServerModels onChoose={open} />
      <div class="field wide">
        <label for="backend">Backend</label>
        <select
          id="backend"
          value={backend}
          disabled={present.kind === "server"}
          onChange={({ currentTarget }) => change({ backend: currentTarget.value as BackendName })}
        >
          {backendNames.map((name) => (
            <option key={name} value={name}>
              {backendLabels[name]}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label class="switch">
          <input
            type="checkbox"
            checked={profile}
            onChange={({ currentTarget }) => change({ profile: currentTarget.checked })}
          />
          Time each op on a GPU
        </label>
        <p class="help">
          Each op then runs on its own, and passes are slower. On the CPU ops are always timed.
        </p>
      </div>
      <form
        class="field wide"
        onSubmit={(event) => {
          event.preventDefault();
          if (address.value.trim() !== "") open({ kind: "address", address: address.value.trim() });
        }}
      >
        <label for="address">Hub id or address</label>
        <div class="line">
          <input
            id="address"
            type="text"
            placeholder="owner/name"
            spellcheck={false}
            autocomplete="off"
            value={address.value}
            onInput={({ currentTarget }) => {
              address.value = currentTarget.value;
            }}
          />
          <button type="submit">Open</button>
        </div>
      </form>
      <FolderField />
      <button type="button" class="quiet" onClick={() => open(embedded)}>
        Load the embedded model
      </button>
      <KeptModels />
    </div>
  );
}
