/** The switch between single prompts and a conversation, and the conversation. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { EngineHandle } from "../../src/core/index.ts";
import { conversation, isChatting, messagesOf } from "../chat/index.ts";
import { clearConversation } from "./chatTurns.ts";
import { Turns } from "./Turns.tsx";

/** Nothing for a model without a chat template. */
export function ChatPanel({ engine }: { readonly engine: EngineHandle | undefined }) {
  if (!engine?.info.hasChatTemplate) return null;
  return (
    <section class="chat" aria-label="Conversation">
      <fieldset class="segmented">
        <legend>Mode</legend>
        <ModeButton isChat={false} text="Prompt" />
        <ModeButton isChat={true} text="Chat" />
      </fieldset>
      {isChatting.value && <ConversationView engine={engine} />}
    </section>
  );
}

function ModeButton({ isChat, text }: { readonly isChat: boolean; readonly text: string }) {
  return (
    <button
      type="button"
      aria-pressed={isChatting.value === isChat}
      onClick={() => {
        isChatting.value = isChat;
      }}
    >
      {text}
    </button>
  );
}

function ConversationView({ engine }: { readonly engine: EngineHandle }) {
  const { system, turns } = conversation.value;
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [turns]);
  return (
    <>
      <details class="system">
        <summary>System message{system.trim() === "" ? "" : " (set)"}</summary>
        <textarea
          aria-label="System message"
          rows={2}
          value={system}
          placeholder="None. It comes before the first turn."
          onInput={({ currentTarget }) => {
            conversation.value = { ...conversation.value, system: currentTarget.value };
          }}
        />
      </details>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard */}
      <div class="turns" role="log" aria-label="Turns" tabIndex={0} ref={log}>
        {turns.length === 0 ? (
          <p class="empty">The conversation begins with your prompt.</p>
        ) : (
          <Turns turns={turns} />
        )}
      </div>
      <div class="chat-foot">
        <Size engine={engine} />
        <button type="button" class="quiet" disabled={turns.length === 0} onClick={clearConversation}>
          Clear conversation
        </button>
      </div>
    </>
  );
}

/** How much of the context the conversation takes, or why the model cannot read it. */
function Size({ engine }: { readonly engine: EngineHandle }) {
  const text = useSignal("");
  const shown = conversation.value;
  useEffect(() => {
    const messages = messagesOf(shown);
    const controller = new AbortController();
    if (messages.length === 0) {
      text.value = "";
      return;
    }
    engine.tokenize(messages, { signal: controller.signal }).then(
      ({ length }) => {
        text.value = `The conversation takes ${length} of ${engine.info.context} positions. Each answer reads all of it. A model that was trained on single prompts may lose the thread.`;
      },
      (error: Error) => {
        if (!controller.signal.aborted) text.value = error.message;
      },
    );
    return () => controller.abort();
  }, [engine, shown]);
  return <p class="help">{text.value}</p>;
}
