/** POST /v1/chat/completions */
import * as z from "zod";
import type { ChatMessage } from "../../core/index.ts";
import type { DiffusionFields } from "./diffusion.ts";
import { flag, integerFrom, oneOf, only, strict, text } from "./fields.ts";
import { maxTokens, modelField, neutralFields, samplingFields, stop, streamFields } from "./generation.ts";

const part = strict({ type: only("text", "messages are text"), text: text() });
const content = z.union([z.string(), z.array(part)], { error: "a text, or a list of {type: text, text}" });

const message = strict({
  role: oneOf(["system", "developer", "user", "assistant", "tool"]),
  content,
  type: only("text", "messages are text").optional(),
});

export const messages = z
  .array(message, { error: "a list of messages" })
  .min(1, { error: "a list of at least one message" })
  .meta({ description: "rendered by the model's chat template" });

export function chatMessages(given: z.infer<typeof messages>): readonly ChatMessage[] {
  return given.map(({ role, content: said }) => ({
    role,
    content: typeof said === "string" ? said : said.map((each) => each.text).join(""),
  }));
}

export function chatSchema(diffusion: z.ZodType<DiffusionFields>) {
  return strict({
    model: modelField,
    messages,
    ...samplingFields,
    stop,
    max_tokens: maxTokens,
    max_completion_tokens: maxTokens,
    ...streamFields,
    logprobs: flag("tell log-probabilities").nullish(),
    top_logprobs: integerFrom(0, 20, "alternatives a token; only beside logprobs: true").nullish(),
    response_format: strict({ type: only("text", "answers have no other format yet") }).nullish(),
    ...neutralFields,
    diffusion: diffusion.nullish(),
  });
}
export type ChatBody = z.infer<ReturnType<typeof chatSchema>>;
