/** A conversation: a prompt becomes a turn when its run begins, and the run's answer completes the turn. */
import type { ChatMessage } from "../../src/core/index.ts";

export interface Turn {
  readonly prompt: string;
  /** Undefined while its run goes on. */
  readonly answer: string | undefined;
}

export interface Conversation {
  /** Empty for none. */
  readonly system: string;
  readonly turns: readonly Turn[];
}

export const emptyConversation: Conversation = { system: "", turns: [] };

/** The messages of a request: complete turns, and the next prompt if there is one. */
export function messagesOf({ system, turns }: Conversation, prompt?: string): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (system.trim() !== "") messages.push({ role: "system", content: system });
  for (const turn of turns) {
    if (turn.answer === undefined) continue;
    messages.push({ role: "user", content: turn.prompt }, { role: "assistant", content: turn.answer });
  }
  if (prompt !== undefined) messages.push({ role: "user", content: prompt });
  return messages;
}

/** Takes the place of a turn whose run has not ended. */
export function begin(conversation: Conversation, prompt: string): Conversation {
  const { turns } = drop(conversation);
  return { ...conversation, turns: [...turns, { prompt, answer: undefined }] };
}

/** Gives the last turn its answer, the first one or another. */
export function complete(conversation: Conversation, answer: string): Conversation {
  const last = conversation.turns.at(-1);
  if (!last) return conversation;
  return { ...conversation, turns: [...conversation.turns.slice(0, -1), { ...last, answer }] };
}

/** Takes back the last turn if it has no answer. */
export function drop(conversation: Conversation): Conversation {
  const { turns } = conversation;
  if (turns.at(-1)?.answer !== undefined) return conversation;
  return { ...conversation, turns: turns.slice(0, -1) };
}

/** Ends all turns; the system message stays. */
export function clear({ system }: Conversation): Conversation {
  return { ...emptyConversation, system };
}
