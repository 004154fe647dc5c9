/** The choice of model and backend. */
import { useSignal } from "@preact/signals";
import {
  type BackendName,
  backendNames,
  type EngineChoice,
  type EngineState,
  loadEngine,
} from "../engine/engineState.ts";
import { embedded, filesOf, type ModelChoice, nameOf } from "../engine/modelChoice.ts";
import { cancelRun } from "../engine/runState.ts";
import { ProblemNote } from "./ProblemNote.tsx";

const backendLabels: Readonly<Record<BackendName, string>> = {
  auto: "WebGPU on a hardware GPU, else the CPU",
  webgpu: "WebGPU, on any adapter",
  wasm: "CPU (WebAssembly)",
  cpu: "CPU, plain TypeScript (slow)",
};

export function ModelPanel({ state }: { readonly state: EngineState }) {
  const address = useSignal("");
  const choice = useSignal<EngineChoice>({ model: embedded, backend: "auto" });
  const load = (changed: Partial<EngineChoice>) => {
    cancelRun();
    choice.value = { ...choice.value, ...changed };
    void loadEngine(choice.value);
  };
  const loadModel = (model: ModelChoice) => load({ model });
  return (
    <div class="settings model">
      <h2>Model</h2>
      <p class="help">{capitalized(nameOf(choice.value.model))}</p>
      {state.phase === "none" && state.problem && <ProblemNote problem={state.problem} />}
      <div class="field wide">
        <label for="backend">Backend</label>
        <select
          id="backend"
          value={choice.value.backend}
          onChange={({ currentTarget }) => load({ backend: currentTarget.value as BackendName })}
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
          if (address.value.trim() !== "") loadModel({ kind: "address", address: address.value.trim() });
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
          <button type="submit">Load</button>
        </div>
      </form>
      <div class="field wide">
        <label for="folder">Folder with a Hugging Face model</label>
        <input
          id="folder"
          type="file"
          multiple
          // The attribute is not standard, and every browser has it.
          {...{ webkitdirectory: true }}
          onChange={({ currentTarget }) => {
            const files = Array.from(currentTarget.files ?? []);
            const name = files[0]?.webkitRelativePath.split("/")[0] ?? "folder";
            if (files.length > 0) loadModel({ kind: "files", name, files: filesOf(files) });
          }}
        />
      </div>
      <button type="button" class="quiet" onClick={() => load({ model: embedded })}>
        Load the embedded model
      </button>
    </div>
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
