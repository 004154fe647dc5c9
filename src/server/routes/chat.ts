/** POST /v1/chat/completions */
import { answer } from "../answer/answer.ts";
import { chatFormat } from "../answer/chatFormat.ts";
import { generationRequest, promptTokens } from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import { type ChatBody, chatMessages, type OpenSchema } from "../schema/index.ts";
import { choicesOf, opened, refuse, stopsOf } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

export async function chat(
  c: AppContext,
  schema: OpenSchema<ChatBody>,
  options: RouteOptions,
): Promise<Response> {
  const { body, handle, job } = await opened(c, schema, options);
  const topLogprobs = body.logprobs ? (body.top_logprobs ?? 0) : undefined;
  if (body.top_logprobs && !body.logprobs) refuse("top_logprobs", "'top_logprobs' needs 'logprobs': true");
  const tokens = await promptTokens(handle, { messages: chatMessages(body.messages) });
  const lengths = { maxTokens: maxTokensOf(body), stop: stopsOf(body.stop), topLogprobs };
  const request = generationRequest(handle.info, tokens, body, lengths);
  return answer(c, {
    ...job,
    format: chatFormat(topLogprobs !== undefined),
    ...choicesOf(handle.info, [{ request }], body),
  });
}

function maxTokensOf({ max_tokens: old, max_completion_tokens: most }: ChatBody): number | undefined {
  if (typeof old === "number" && typeof most === "number" && old !== most)
    refuse("max_tokens", "'max_tokens' and 'max_completion_tokens' say the same, and differ");
  return most ?? old ?? undefined;
}
