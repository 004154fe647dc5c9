/** The prompt of a request as tokens. */
import { DiffusionError } from "../error.ts";
import { type ChatMessage, type ChatTemplate, encodeChat, type Tokenizer } from "../text/index.ts";
import { readTokens } from "./readRequest.ts";
import type { GenerateRequest } from "./request.ts";

/** What a model needs to read and write text. */
export interface TextTools {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
}

/**
 * @throws DiffusionError `invalid-request` unless exactly one of messages, prompt and tokens is given, `text` if
 *   the text cannot be encoded
 */
export function encodePrompt(request: GenerateRequest, text: TextTools | undefined): readonly number[] {
  const given = (["messages", "prompt", "tokens"] as const).filter((name) => request[name] !== undefined);
  if (request.infill !== undefined && given.length === 0) return [];
  if (given.length !== 1) {
    const message =
      "Cannot run the request as exactly one of 'messages', 'prompt' and 'tokens' must be given";
    throw new DiffusionError("invalid-request", `${message}: found ${given.join(" and ") || "none"}`);
  }
  if (request.tokens !== undefined) return readTokens("tokens", request.tokens);
  if (request.messages !== undefined) return encodeMessages(request.messages, text);
  const tokenizer = requireTokenizer(text);
  if (typeof request.prompt !== "string") {
    throw new DiffusionError("invalid-request", "Cannot run the request as 'prompt' must be a string");
  }
  return tokenizer.encode(request.prompt, { what: "the prompt" });
}

/** A conversation as the chat template renders it. @throws DiffusionError `text`, `invalid-request` */
export function encodeMessages(
  messages: readonly ChatMessage[],
  text: TextTools | undefined,
): readonly number[] {
  const tokenizer = requireTokenizer(text);
  if (!text?.template) {
    throw new DiffusionError(
      "text",
      "Cannot render messages as the model has no chat template: give 'prompt' instead",
    );
  }
  const { bos, eos } = tokenizer.roles;
  return encodeChat(tokenizer, text.template, messages, {
    ...(bos === undefined ? {} : { bosToken: bos }),
    ...(eos === undefined ? {} : { eosToken: eos }),
  });
}

/** @throws DiffusionError `text` */
export function requireTokenizer(text: TextTools | undefined): Tokenizer {
  if (text) return text.tokenizer;
  throw new DiffusionError("text", "Cannot encode or decode text as the model has no tokenizer.json");
}
