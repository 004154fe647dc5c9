/** Defaults from the command line for the lines of a batch. */
import type { RequestChoices } from "../choices.ts";

export interface BatchDefaults {
  readonly choices: RequestChoices;
  /** A system message for conversations without one. */
  readonly system: string | undefined;
}

/** Prepends the system message to a conversation without one. */
export function withSystem<T extends { readonly messages?: unknown }>(
  request: T,
  system: string | undefined,
): T {
  const { messages } = request;
  if (system === undefined || !Array.isArray(messages)) return request;
  if (messages.some((message) => message?.role === "system")) return request;
  return { ...request, messages: [{ role: "system", content: system }, ...messages] };
}
