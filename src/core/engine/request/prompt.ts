/** The prompt of a request as tokens. */
import { DiffusionError } from "../../error.ts";
import { runInSlices } from "../../pausing.ts";
import {
  type ChatMessage,
  type ChatTemplate,
  encodeChatPausing,
  encodeText,
  type Tokenizer,
} from "../../text/index.ts";
import { readTokens } from "./readValues.ts";
import type { GenerateRequest } from "./request.ts";

/** What a model needs to read and write text. */
export interface TextTools {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
  /** Why the model's chat template cannot be used, where it has one. */
  readonly templateProblem?: DiffusionError | undefined;
}

/** What bounds the reading of a text. */
export interface ReadingLimits {
  /** The most tokens that it may have: no more of it is read than that takes. */
  readonly maxTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The prompt of a request, read without holding the thread.
 * @throws DiffusionError `invalid-request` unless exactly one of messages, prompt and tokens is given, `text` if
 *   the text cannot be encoded, `context-exceeded` if it has more tokens than it may, `aborted`
 */
export async function encodePrompt(
  request: GenerateRequest,
  text: TextTools | undefined,
  limits: ReadingLimits = {},
): Promise<readonly number[]> {
  const given = (["messages", "prompt", "tokens"] as const).filter((name) => request[name] !== undefined);
  if (request.infill !== undefined && given.length === 0) return [];
  if (given.length !== 1) {
    const message =
      "Cannot run the request as exactly one of 'messages', 'prompt' and 'tokens' must be given";
    throw new DiffusionError("invalid-request", `${message}: found ${given.join(" and ") || "none"}`);
  }
  if (request.tokens !== undefined) return readTokens("tokens", request.tokens);
  if (request.messages !== undefined) return encodeMessages(request.messages, text, limits);
  const tokenizer = requireTokenizer(text);
  if (typeof request.prompt !== "string") {
    throw new DiffusionError("invalid-request", "Cannot run the request as 'prompt' must be a string");
  }
  const { maxTokens = Infinity, signal } = limits;
  return encodeText(tokenizer, request.prompt, { what: "the prompt", maxTokens, signal });
}

/**
 * A conversation as the chat template renders it, read without holding the thread.
 * @throws DiffusionError `text`, `invalid-request`, `context-exceeded`, `aborted`
 */
export async function encodeMessages(
  messages: readonly ChatMessage[],
  text: TextTools | undefined,
  { maxTokens = Infinity, signal }: ReadingLimits = {},
): Promise<readonly number[]> {
  const tokenizer = requireTokenizer(text);
  const { template, templateProblem } = text ?? {};
  if (!template) {
    const why = templateProblem
      ? `the model's chat template cannot be used: ${templateProblem.message}`
      : "the model has no chat template: give 'prompt' instead";
    throw new DiffusionError("text", `Cannot render messages as ${why}`, { cause: templateProblem });
  }
  const { bos, eos } = tokenizer.roles;
  const encoding = encodeChatPausing(tokenizer, template, messages, {
    ...(bos === undefined ? {} : { bosToken: bos }),
    ...(eos === undefined ? {} : { eosToken: eos }),
    maxTokens,
  });
  return runInSlices(encoding, { signal, what: "encode the messages" });
}

/** @throws DiffusionError `text` */
export function requireTokenizer(text: TextTools | undefined): Tokenizer {
  if (text) return text.tokenizer;
  throw new DiffusionError("text", "Cannot encode or decode text as the model has no tokenizer.json");
}
