/** The prompt of a request as tokens. */
import { DiffusionError } from "../error.ts";
import { type ChatTemplate, encodeChat, type Tokenizer } from "../text/index.ts";
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
  if (!text) throw new DiffusionError("text", "Cannot encode the prompt as the model has no tokenizer.json");
  if (request.prompt !== undefined) {
    if (typeof request.prompt !== "string") {
      throw new DiffusionError("invalid-request", "Cannot run the request as 'prompt' must be a string");
    }
    return text.tokenizer.encode(request.prompt, { what: "the prompt" });
  }
  if (!text.template) {
    throw new DiffusionError(
      "text",
      "Cannot render messages as the model has no chat template: give 'prompt' instead",
    );
  }
  const { bos, eos } = text.tokenizer.roles;
  return encodeChat(text.tokenizer, text.template, request.messages!, {
    ...(bos === undefined ? {} : { bosToken: bos }),
    ...(eos === undefined ? {} : { eosToken: eos }),
  });
}
