/** What the command line says for lines that do not say otherwise. */
import type { RequestChoices } from "../choices.ts";

export interface BatchDefaults {
  readonly choices: RequestChoices;
  /** A system message for conversations without one. */
  readonly system: string | undefined;
}

/** With the system message before a conversation that has none. */
export function withSystem<T extends { readonly messages?: unknown }>(
  request: T,
  system: string | undefined,
): T {
  const { messages } = request;
  if (system === undefined || !Array.isArray(messages)) return request;
  if (messages.some((message) => message?.role === "system")) return request;
  return { ...request, messages: [{ role: "system", content: system }, ...messages] };
}
