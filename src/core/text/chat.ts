/**
 * Encodes a conversation so that the text of a message never becomes a control token: `<|mask|>` or a turn marker within a
 * message is encoded as plain characters.
 */
import { DiffusionError, found } from "../error.ts";
import { type Pausing, runNow } from "../pausing.ts";
import { partsOf, skeletonOf, withPlaceholders } from "./chatParts.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./template.ts";
import type { TextPart } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The allowed roles. Templates write the role, some inside a token, so an arbitrary role could spell any token. */
const roles: readonly string[] = ["system", "developer", "user", "assistant", "tool"];

const what = "the messages";
const nameOf = (index: number) => `messages[${index}].content`;

/** The maximum number of messages: a template runs without a pause, for about .1 ms a message. */
const maxMessages = 1024;

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      yield key;
      yield* stringsIn(inner);
    }
  }
}

function validateMessages(tokenizer: Tokenizer, messages: readonly ChatMessage[], extra: unknown): void {
  if (messages.length > maxMessages) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot encode ${what} as there may be at most ${maxMessages} messages: found ${messages.length}`,
    );
  }
  for (const [index, { role, content }] of messages.entries()) {
    if (!roles.includes(role)) {
      throw new DiffusionError(
        "invalid-request",
        `Cannot encode ${what} as messages[${index}].role must be one of ${roles.join(", ")}: found ${found(role)}`,
      );
    }
    if (typeof content !== "string") {
      throw new DiffusionError(
        "invalid-request",
        `Cannot encode ${what} as ${nameOf(index)} must be a string: found ${found(content)}`,
      );
    }
  }
  for (const text of stringsIn(extra)) {
    const special = tokenizer.findSpecials(text)[0];
    if (special === undefined) continue;
    throw new DiffusionError(
      "text",
      `Cannot encode ${what} as the template's variables must not contain special tokens: found '${special.text}'`,
    );
  }
}

/**
 * Encodes a conversation. Special tokens are parsed only in the text that the template writes. The rest is encoded as one
 * text, also across the bounds of messages, so a conversation whose messages have no special tokens has the same tokens as
 * its rendered text.
 *
 * A template may do more with a message than insert or trim it, for example cut it or change its case. Then the message
 * cannot be found in the rendered text. In this case the template is rendered again with placeholders (characters of
 * Unicode's private use area) for the special tokens in messages, and two conditions are checked: with the special tokens
 * restored, the text must equal the first rendering; and the text around the placeholders must contain exactly the special
 * tokens that the template writes around opaque messages.
 * @param options `bosToken` and `eosToken` default to the tokenizer's
 * @throws DiffusionError `text` if the template fails, a character cannot be encoded, or the special tokens of messages or
 *   variables cannot be distinguished from the template's; `invalid-request` for more than 1,024 messages, and for roles
 *   other than system, developer, user, assistant and tool
 */
export function encodeChat(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: RenderOptions = {},
): number[] {
  return runNow(encodeChatPausing(tokenizer, template, messages, options));
}

/**
 * As `encodeChat`, with pauses, except within the template.
 * @param options.maxTokens the maximum number of tokens of the conversation
 * @throws DiffusionError `context-exceeded` if the conversation has more tokens
 */
export function* encodeChatPausing(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  { maxTokens = Infinity, ...options }: RenderOptions & { readonly maxTokens?: number } = {},
): Pausing<number[]> {
  validateMessages(tokenizer, messages, options.extra);
  const { bos = "", eos = "" } = tokenizer.roles;
  const all = { bosToken: bos, eosToken: eos, ...options };
  const rendered = template.render(messages, all);
  yield;
  const minTokens = tokenizer.minTokens(rendered.length);
  // A conversation that is too long in any case need not be rendered again.
  const parts =
    minTokens > maxTokens
      ? [{ text: rendered, special: "plain" } as const]
      : yield* partsOfChat(tokenizer, template, { messages, rendered, options: all });
  return yield* tokenizer.encodePausing(parts, { what, maxTokens });
}

interface Rendered {
  readonly messages: readonly ChatMessage[];
  readonly rendered: string;
  readonly options: RenderOptions;
}

/** Splits a rendered conversation into the template's text and the messages' text. */
function* partsOfChat(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  { messages, rendered, options }: Rendered,
): Pausing<readonly TextPart[]> {
  const names = [options.bosToken ?? "", options.eosToken ?? "", ...stringsIn(options.extra)];
  const skeleton = yield* skeletonOf(template, messages, { options, names });
  yield;
  const parts = skeleton && partsOf(rendered, skeleton, { messages, nameOf });
  if (parts !== undefined) return parts;
  const placeholders = yield* withPlaceholders(tokenizer, messages, [rendered, template.source, ...names]);
  const again = placeholders && template.render(placeholders.messages, options);
  yield;
  if (!placeholders || again === undefined || (yield* placeholders.restore(again)) !== rendered)
    throw yield* ambiguityError(tokenizer, messages, rendered);
  const expected: string[] = [];
  for (const text of skeleton?.texts ?? []) expected.push(...(yield* specialsIn(tokenizer, text)));
  const actual = yield* specialsIn(tokenizer, again);
  const equal = expected.length === actual.length && expected.every((text, i) => text === actual[i]);
  if (skeleton === undefined || !equal) throw yield* ambiguityError(tokenizer, messages, rendered);
  return yield* placeholders.partsOf(again);
}

function* specialsIn(tokenizer: Tokenizer, text: string): Pausing<string[]> {
  return (yield* tokenizer.findSpecialsPausing(text)).map((special) => special.text);
}

/** The error for messages whose special tokens cannot be distinguished from the template's. */
function* ambiguityError(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  rendered: string,
): Pausing<DiffusionError> {
  const reason =
    "the chat template rewrites them, so their special tokens cannot be distinguished from the template's";
  for (const [index, { content }] of messages.entries()) {
    const [special] = yield* specialsIn(tokenizer, content);
    if (special === undefined) continue;
    return new DiffusionError(
      "text",
      `Cannot encode ${what} as ${reason}: found '${special}' in ${nameOf(index)}`,
    );
  }
  const actual = yield* specialsIn(tokenizer, rendered);
  return new DiffusionError("text", `Cannot encode ${what} as ${reason}: found ${found(actual)}`);
}
