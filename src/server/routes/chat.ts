/** POST /v1/chat/completions */
import { answer } from "../answer/answer.ts";
import { chatFormat } from "../answer/chatFormat.ts";
import { generationRequest, promptTokens } from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import { type ChatBody, chatMessages, type OpenSchema } from "../schema/index.ts";
import { choicesOf, prepareGeneration, refuse, stopsOf } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

export async function chat(
  c: AppContext,
  schema: OpenSchema<ChatBody>,
  options: RouteOptions,
): Promise<Response> {
  const { body, handle, job } = await prepareGeneration(c, schema, options);
  const topLogprobs = body.logprobs ? (body.top_logprobs ?? 0) : undefined;
  if (body.top_logprobs && !body.logprobs) refuse("top_logprobs", "'top_logprobs' requires 'logprobs': true");
  const tokens = await promptTokens(handle, { messages: chatMessages(body.messages) });
  const lengths = { maxTokens: maxTokensOf(body), stop: stopsOf(body.stop), topLogprobs };
  const request = generationRequest(handle.info, tokens, body, lengths);
  return answer(c, {
    ...job,
    format: chatFormat(topLogprobs !== undefined),
    ...choicesOf(handle.info, [{ request }], body),
  });
}

/** The limit of tokens under its current or its deprecated name. @throws ApiError if the two differ */
function maxTokensOf({ max_tokens: old, max_completion_tokens: current }: ChatBody): number | undefined {
  if (typeof old === "number" && typeof current === "number" && old !== current)
    refuse("max_tokens", "'max_tokens' and 'max_completion_tokens' are the same setting and must not differ");
  return current ?? old ?? undefined;
}
