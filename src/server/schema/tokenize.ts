/** POST /tokenize and /detokenize */
import { bodyFields } from "../fields/index.ts";
import { tokenArray } from "./array.ts";
import { message, messages } from "./chat.ts";
import { flag, oneOf, text } from "./fields.ts";
import { modelField } from "./generation.ts";
import { open } from "./open.ts";

export const tokenizeSchema = open(
  {
    model: modelField,
    prompt: text("text to encode; exactly one of prompt and messages is required").optional(),
    messages: messages.optional(),
    special: oneOf(
      ["plain", "parse"],
      "whether special tokens in the prompt are plain text or parsed; default: plain",
    ).optional(),
    return_token_strs: flag("add the text of each token").optional(),
  },
  { foreign: bodyFields, inside: { messages: message } },
);

export const detokenizeSchema = open(
  {
    model: modelField,
    tokens: tokenArray(),
    return_token_strs: flag("add the text of each token").optional(),
  },
  { foreign: bodyFields },
);
