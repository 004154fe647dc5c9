/** Encodes the prompt of a request. */
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

/** The tokenizer and the chat template of a model. */
export interface TextTools {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
  /** Why the model's chat template is unusable; undefined if it is usable, or if the model has none. */
  readonly templateProblem?: DiffusionError | undefined;
}

/** Limits on the encoding of a text. */
export interface ReadingLimits {
  /** Maximum tokens of the text. The encoding stops at this number. */
  readonly maxTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tokens of a request's prompt. Long texts are encoded in slices, which do not block the thread.
 * @throws DiffusionError `invalid-request` unless exactly one of messages, prompt and tokens is given, `text` if
 *   the text cannot be encoded, `context-exceeded` if it has more than `maxTokens` tokens, `aborted`
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
 * The tokens of a conversation that the chat template renders. Long texts are encoded in slices, which do not block the thread.
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
