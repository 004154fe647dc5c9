/** Runs as turns of the conversation. */
import { begin, clear, complete, conversation, drop, isChatting } from "../chat/index.ts";
import { run } from "../engine/runState.ts";
import type { Recording } from "../run/index.ts";
import { prompt, writePrompt } from "./promptState.ts";

/** The recording of the run that answers the last turn. */
let latest: Recording | undefined;

/**
 * While chatting with a model that takes messages, makes a turn of the run that has just begun with the prompt. If the run is cancelled or fails, the turn goes, and
 * its prompt comes back.
 * @param ended resolves when the run has ended
 */
export async function followTurn(ended: Promise<void>): Promise<void> {
  if (!isChatting.value || run.value?.request.messages === undefined) return;
  const sent = prompt.value;
  conversation.value = begin(conversation.value, sent);
  writePrompt("");
  const isAnswered = await completeWith(ended);
  if (isAnswered === false && prompt.value === "") writePrompt(sent);
}

/** Where the last turn has the edited answer, the run that has just begun gives it another one. */
export async function followAgain(edited: Recording, ended: Promise<void>): Promise<void> {
  if (edited === latest) await completeWith(ended);
}

/** Completes the last turn with the answer of the run. @returns undefined if another run has the turn by then */
async function completeWith(ended: Promise<void>): Promise<boolean | undefined> {
  const own = run.value?.recording;
  latest = own;
  await ended;
  if (latest !== own) return undefined;
  const isDone = run.value?.recording === own && run.value?.status === "done";
  const last = conversation.value;
  conversation.value = isDone ? complete(last, own?.done?.text ?? "") : drop(last);
  return isDone;
}

export function clearConversation(): void {
  latest = undefined;
  conversation.value = clear(conversation.value);
}
