/** POST /v1/chat/completions */
import * as z from "zod";
import type { ChatMessage } from "../../core/index.ts";
import { messageFields, partFields } from "../fields/index.ts";
import { array } from "./array.ts";
import type { DiffusionFields } from "./diffusion.ts";
import { flag, integerFrom, oneOf, only, text } from "./fields.ts";
import {
  generationOptions,
  maxTokens,
  modelField,
  samplingFields,
  stop,
  streamFields,
} from "./generation.ts";
import { open } from "./open.ts";

const contentError = "a string or an array of {type: text, text}";
const part = open(
  { type: only("text", "messages contain text only"), text: text() },
  { foreign: partFields },
);
const content = z.union([z.string(), array(part.schema, { error: contentError })], { error: contentError });

const roles = ["system", "developer", "user", "assistant", "tool"] as const;
export const message = open(
  {
    role: oneOf(roles),
    content: content.optional().meta({ description: "optional for the assistant's messages" }),
  },
  { foreign: messageFields, inside: { content: part } },
);

const messageWithContent = message.schema.check(({ value, issues }) => {
  if (value.content !== undefined || value.role === "assistant") return;
  issues.push({ code: "custom", path: ["content"], message: contentError, input: undefined });
});

export const messages = array(messageWithContent, {
  minItems: 1,
  error: "a non-empty array of messages",
  help: "the conversation, rendered by the model's chat template",
});
export type Messages = z.infer<typeof messages>;

export function chatMessages(body: Messages): readonly ChatMessage[] {
  return body.map(({ role, content: parts = "" }) => ({
    role,
    content: typeof parts === "string" ? parts : parts.map((each) => each.text).join(""),
  }));
}

export function chatSchema(diffusion: z.ZodType<DiffusionFields>) {
  const shape = {
    model: modelField,
    messages,
    ...samplingFields,
    stop,
    max_tokens: maxTokens,
    max_completion_tokens: maxTokens,
    ...streamFields,
    logprobs: flag("return log-probabilities").nullish(),
    top_logprobs: integerFrom(0, 20, "number of alternatives per token; requires logprobs: true").nullish(),
    diffusion: diffusion.nullish(),
  };
  return open(shape, { ...generationOptions, inside: { ...generationOptions.inside, messages: message } });
}
export type ChatBody = z.infer<ReturnType<typeof chatSchema>["schema"]>;
