/** What a request answers, for people. */
import type { GenerateRequest } from "../../src/core/index.ts";

/** The raw prompt or the last message; empty for a prompt of token ids. */
export function promptText({ prompt, messages }: GenerateRequest): string {
  return prompt ?? messages?.at(-1)?.content ?? "";
}
