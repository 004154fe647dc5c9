/** POST /v1/chat/completions */
import * as z from "zod";
import type { ChatMessage } from "../../core/index.ts";
import { messageFields, partFields } from "../fields/index.ts";
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
import { list } from "./list.ts";
import { open } from "./open.ts";

const contentError = "a text, or a list of {type: text, text}";
const part = open({ type: only("text", "messages are text"), text: text() }, { foreign: partFields });
const content = z.union([z.string(), list(part.schema, { error: contentError })], { error: contentError });

const roles = ["system", "developer", "user", "assistant", "tool"] as const;
export const message = open(
  {
    role: oneOf(roles),
    content: content.optional().meta({ description: "an assistant's message without any is empty" }),
  },
  { foreign: messageFields, inside: { content: part } },
);

const spokenMessage = message.schema.check(({ value, issues }) => {
  if (value.content !== undefined || value.role === "assistant") return;
  issues.push({ code: "custom", path: ["content"], message: contentError, input: undefined });
});

export const messages = list(spokenMessage, {
  minimum: 1,
  error: "a list of at least one message",
  help: "rendered by the model's chat template",
});
export type Messages = z.infer<typeof messages>;

export function chatMessages(given: Messages): readonly ChatMessage[] {
  return given.map(({ role, content: said = "" }) => ({
    role,
    content: typeof said === "string" ? said : said.map((each) => each.text).join(""),
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
    logprobs: flag("tell log-probabilities").nullish(),
    top_logprobs: integerFrom(0, 20, "alternatives a token; only beside logprobs: true").nullish(),
    diffusion: diffusion.nullish(),
  };
  return open(shape, { ...generationOptions, inside: { ...generationOptions.inside, messages: message } });
}
export type ChatBody = z.infer<ReturnType<typeof chatSchema>["schema"]>;
