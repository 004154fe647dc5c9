/** The choice of model and backend. */
import { useSignal } from "@preact/signals";
import { type BackendName, backendNames, engineState } from "../engine/engineState.ts";
import { embedded, type ModelChoice } from "../engine/modelChoice.ts";
import { chosen, openModel } from "../engine/offerState.ts";
import { FolderField } from "./FolderField.tsx";
import { KeptModels } from "./KeptModels.tsx";
import { LoadingProgress } from "./LoadingProgress.tsx";
import { ModelOffer } from "./ModelOffer.tsx";
import { ProblemNote } from "./ProblemNote.tsx";

const backendLabels: Readonly<Record<BackendName, string>> = {
  auto: "WebGPU on a hardware GPU, else the CPU",
  webgpu: "WebGPU, on any adapter",
  cpu: "CPU",
};

export function ModelPanel() {
  const address = useSignal("");
  const state = engineState.value;
  const { model: present, backend } = chosen.value;
  const open = (model: ModelChoice) => void openModel({ model, backend });
  return (
    <div class="settings model">
      <h2>Model</h2>
      <ModelOffer />
      {/* On a phone the notice at the top of the page is out of sight; elsewhere this is hidden. */}
      {state.phase === "loading" && state.choice.model.kind !== "embedded" && (
        <LoadingProgress state={state} />
      )}
      {state.phase === "none" && state.problem && <ProblemNote problem={state.problem} />}
      <div class="field wide">
        <label for="backend">Backend</label>
        <select
          id="backend"
          value={backend}
          onChange={({ currentTarget }) =>
            void openModel({ model: present, backend: currentTarget.value as BackendName })
          }
        >
          {backendNames.map((name) => (
            <option key={name} value={name}>
              {backendLabels[name]}
            </option>
          ))}
        </select>
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
