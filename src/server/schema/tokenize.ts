/** POST /tokenize and /detokenize */
import { bodyFields } from "../fields/index.ts";
import { message, messages } from "./chat.ts";
import { flag, oneOf, text } from "./fields.ts";
import { modelField } from "./generation.ts";
import { tokenList } from "./list.ts";
import { open } from "./open.ts";

export const tokenizeSchema = open(
  {
    model: modelField,
    prompt: text("exactly one of prompt and messages").optional(),
    messages: messages.optional(),
    special: oneOf(
      ["plain", "parse"],
      "whether a prompt's text that looks like a special token is characters, as by default, or the token",
    ).optional(),
    return_token_strs: flag("add each token by itself, as shown to a person").optional(),
  },
  { foreign: bodyFields, inside: { messages: message } },
);

export const detokenizeSchema = open({ model: modelField, tokens: tokenList() }, { foreign: bodyFields });
