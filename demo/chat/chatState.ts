/** The page's conversation, and whether the next prompt goes on with it. */
import { signal } from "@preact/signals";
import type { EngineInfo, GenerateRequest } from "../../src/core/index.ts";
import { emptyConversation, messagesOf } from "./conversation.ts";

/** Has an effect for models with a chat template alone. */
export const isChatting = signal(false);
export const conversation = signal(emptyConversation);

/** What the model answers: the conversation with the prompt, the prompt in the chat template, or the plain text. */
export function inputOf(
  prompt: string,
  { hasChatTemplate }: Pick<EngineInfo, "hasChatTemplate">,
): GenerateRequest {
  if (!hasChatTemplate) return { prompt };
  return { messages: messagesOf(isChatting.value ? conversation.value : emptyConversation, prompt) };
}
