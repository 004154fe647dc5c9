/** The choice of a model on the server that the page comes from; nothing on a static host. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ServerModel } from "../../src/remote/index.ts";
import type { ModelChoice } from "../engine/modelChoice.ts";
import { listServerModels, serverModels } from "../engine/serverModels.ts";
import { ProblemNote } from "./ProblemNote.tsx";

export function ServerModels({ onChoose }: { readonly onChoose: (model: ModelChoice) => void }) {
  useEffect(() => void listServerModels(), []);
  const state = serverModels.value;
  switch (state.phase) {
    case "none":
      return null;
    case "listing":
      return <p class="help">Listing the server's models.</p>;
    case "locked":
      return <KeyForm isWrongKey={state.isWrongKey} />;
    case "failed":
      return (
        <div class="field wide">
          <ProblemNote problem={state.problem} />
          <button type="button" class="quiet" onClick={() => void listServerModels()}>
            List the server's models again
          </button>
        </div>
      );
    case "listed": {
      const { server, models } = state;
      return <ModelForm models={models} onChoose={(model) => onChoose({ kind: "server", server, model })} />;
    }
  }
}

function KeyForm({ isWrongKey }: { readonly isWrongKey: boolean }) {
  const key = useSignal("");
  return (
    <form
      class="field wide"
      onSubmit={(event) => {
        event.preventDefault();
        const text = key.value.trim();
        if (text !== "") void listServerModels(text);
      }}
    >
      <label for="server-key">API key of this server</label>
      <div class="line">
        <input
          id="server-key"
          type="password"
          autocomplete="off"
          aria-describedby="server-key-help"
          value={key.value}
          onInput={({ currentTarget }) => {
            key.value = currentTarget.value;
          }}
        />
        <button type="submit">Connect</button>
      </div>
      <p class="help" id="server-key-help">
        {isWrongKey
          ? "The server does not accept this key."
          : "The server's models need a key. It is kept until the page is closed."}
      </p>
    </form>
  );
}

interface ModelFormProps {
  readonly models: readonly ServerModel[];
  readonly onChoose: (model: ServerModel) => void;
}

function ModelForm({ models, onChoose }: ModelFormProps) {
  const name = useSignal(models[0]?.name ?? "");
  return (
    <form
      class="field wide"
      onSubmit={(event) => {
        event.preventDefault();
        const model = models.find((each) => each.name === name.value);
        if (model) onChoose(model);
      }}
    >
      <label for="server-model">On this server</label>
      <div class="line">
        <select
          id="server-model"
          value={name.value}
          onChange={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        >
          {models.map(({ name: each, device }) => (
            <option key={each} value={each}>
              {each} ({device})
            </option>
          ))}
        </select>
        <button type="submit">Use</button>
      </div>
    </form>
  );
}
