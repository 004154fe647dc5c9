/** The prompt, its examples, and the buttons that run and cancel. */
import type { EngineHandle } from "../../src/core/index.ts";
import { cancelRun, isRunning, startRuns } from "../engine/runState.ts";
import { followTurn } from "./chatTurns.ts";
import { examples } from "./examples.ts";
import { applyExample, example, nextRequests, prompt, writePrompt } from "./promptState.ts";
import { isComparing, refusedFields } from "./settings.ts";

export function PromptForm({ engine }: { readonly engine: EngineHandle | undefined }) {
  const refused = engine ? refusedFields(engine.info) : [];
  const start = () => {
    if (engine && refused.length === 0 && prompt.value.trim() !== "")
      void followTurn(startRuns(engine, nextRequests(engine.info)));
  };
  return (
    <form
      class="prompt"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <fieldset class="examples">
        <legend>Examples</legend>
        {examples.map((each) => (
          <button
            key={each.label}
            type="button"
            class="chip"
            aria-pressed={example.value === each}
            onClick={() => applyExample(each)}
          >
            {each.label}
          </button>
        ))}
      </fieldset>
      <label class="field-label" for="prompt">
        Prompt
      </label>
      <div class="prompt-line">
        <textarea
          id="prompt"
          rows={2}
          spellcheck={false}
          value={prompt.value}
          onInput={({ currentTarget }) => writePrompt(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            start();
          }}
        />
        {isRunning.value ? (
          <button type="button" class="primary cancel" onClick={cancelRun}>
            Cancel
          </button>
        ) : (
          <button type="submit" class="primary" disabled={!engine || refused.length > 0}>
            Run
          </button>
        )}
      </div>
      <div class="prompt-foot">
        <p class="hint">
          {refused.length > 0
            ? `Correct ${refused.join(", ")} in the settings to run.`
            : example.value?.infill
              ? `Pinned: “${pinnedText(example.value.infill)}”`
              : "Enter runs, Shift+Enter begins a new line."}
        </p>
        <label class="switch">
          <input
            type="checkbox"
            checked={isComparing.value}
            disabled={isRunning.value}
            onChange={({ currentTarget }) => {
              isComparing.value = currentTarget.checked;
            }}
          />
          Compare
        </label>
      </div>
    </form>
  );
}

function pinnedText(infill: readonly unknown[]): string {
  return infill.map((part) => (typeof part === "string" ? part : "░░░")).join("");
}
