import { ChatPanel } from "../controls/ChatPanel.tsx";
import { DropTarget } from "../controls/DropTarget.tsx";
import { EngineNotice } from "../controls/EngineNotice.tsx";
import { ModelPanel } from "../controls/ModelPanel.tsx";
import { PromptForm } from "../controls/PromptForm.tsx";
import { SettingsPanel } from "../controls/SettingsPanel.tsx";
import { engineState } from "../engine/engineState.ts";
import { LinkNotice } from "../share/LinkNotice.tsx";
import { RunView } from "./RunView.tsx";

export function App() {
  const state = engineState.value;
  const engine = state.phase === "ready" ? state.engine : undefined;
  return (
    <>
      <header class="masthead">
        <h1>
          un<span class="masked">mask</span>
        </h1>
        <p class="tagline">
          A diffusion language model, in this tab. It starts from masks and commits many tokens in each pass.
        </p>
        <EngineNotice state={state} />
      </header>
      <main class="desk">
        <section class="stage" aria-label="Generation">
          <LinkNotice />
          <ChatPanel engine={engine} />
          <PromptForm engine={engine} />
          <RunView />
        </section>
        <aside class="panel" aria-label="Settings">
          <ModelPanel />
          {engine && <SettingsPanel info={engine.info} />}
        </aside>
      </main>
      <DropTarget />
    </>
  );
}
