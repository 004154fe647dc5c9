/** POST /tokenize and /detokenize */
import { messages } from "./chat.ts";
import { flag, oneOf, strict, text, tokens } from "./fields.ts";
import { modelField } from "./generation.ts";

export const tokenizeSchema = strict({
  model: modelField,
  prompt: text("exactly one of prompt and messages").optional(),
  messages: messages.optional(),
  special: oneOf(
    ["plain", "parse"],
    "whether a prompt's text that looks like a special token is characters, as by default, or the token",
  ).optional(),
  return_token_strs: flag("add each token by itself, as shown to a person").optional(),
});

export const detokenizeSchema = strict({ model: modelField, tokens });
