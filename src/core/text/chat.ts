/**
 * Encodes a conversation so that what a message says never becomes a control token: `<|mask|>` or the mark of
 * another turn in a message is nothing but characters.
 */
import { DiffusionError, found } from "../error.ts";
import { finish, type Pausing } from "../pausing.ts";
import { partsOf, skeletonOf, withStandIns } from "./chatParts.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./template.ts";
import type { TextPart } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Templates write roles out, some of them inside a token: a free text as role could spell any token. */
const roles: readonly string[] = ["system", "developer", "user", "assistant", "tool"];

const whole = "the messages";
const nameOf = (index: number) => `messages[${index}].content`;

/** Messages that are rendered at most: a template runs without a pause, for about .1 ms a message. */
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

function check(tokenizer: Tokenizer, messages: readonly ChatMessage[], extra: unknown): void {
  if (messages.length > maxMessages) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot encode ${whole} as there must be at most ${maxMessages} of them: found ${messages.length}`,
    );
  }
  for (const [index, { role, content }] of messages.entries()) {
    if (!roles.includes(role)) {
      throw new DiffusionError(
        "invalid-request",
        `Cannot encode ${whole} as messages[${index}].role must be one of ${roles.join(", ")}: found ${found(role)}`,
      );
    }
    if (typeof content !== "string") {
      throw new DiffusionError(
        "invalid-request",
        `Cannot encode ${whole} as ${nameOf(index)} must be a string: found ${found(content)}`,
      );
    }
  }
  for (const text of stringsIn(extra)) {
    const special = tokenizer.findSpecials(text)[0];
    if (special === undefined) continue;
    throw new DiffusionError(
      "text",
      `Cannot encode ${whole} as the template's variables must not hold special tokens: found '${special.text}'`,
    );
  }
}

/**
 * The tokens of a conversation. Special tokens are parsed in what the template writes and nowhere else; all the
 * rest, across the bounds of messages too, is encoded as one text, so that a conversation without special
 * tokens in its messages has the tokens that encoding the rendered text gives.
 *
 * A template that does more with a message than to place or trim it (cuts a part out, changes its case) hides where it
 * went. Then it is rendered with a stand-in, one character of private use, for each special token in a message. With the
 * special tokens put back this must be the text that the template makes of the messages as they are, and beside the
 * stand-ins it must hold the special tokens that it holds around opaque messages, no more.
 * @param options `bosToken` and `eosToken` default to the tokenizer's
 * @throws DiffusionError `text` if the template fails, a character cannot be encoded, or special tokens in
 *   messages or variables cannot be told apart; `invalid-request` for more than 1,024 messages, and for roles other than
 *   system, developer, user, assistant and tool
 */
export function encodeChat(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: RenderOptions = {},
): number[] {
  return finish(encodingChat(tokenizer, template, messages, options));
}

/**
 * As `encodeChat`, with pauses; but a template runs without one.
 * @param options.maxTokens the most tokens that the conversation may have
 * @throws DiffusionError `context-exceeded` if it has more
 */
export function* encodingChat(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  { maxTokens = Infinity, ...options }: RenderOptions & { readonly maxTokens?: number } = {},
): Pausing<number[]> {
  check(tokenizer, messages, options.extra);
  const { bos = "", eos = "" } = tokenizer.roles;
  const all = { bosToken: bos, eosToken: eos, ...options };
  const rendered = template.render(messages, all);
  yield;
  const least = tokenizer.leastTokens(rendered.length);
  // What has no room anyway need not be rendered again.
  const parts =
    least > maxTokens
      ? [{ text: rendered, special: "plain" } as const]
      : yield* partsOfChat(tokenizer, template, { messages, rendered, options: all });
  return yield* tokenizer.encoding(parts, { what: whole, maxTokens });
}

interface Rendered {
  readonly messages: readonly ChatMessage[];
  readonly rendered: string;
  readonly options: RenderOptions;
}

/** The template's text and the messages' in a rendered conversation. */
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
  const hidden = yield* withStandIns(tokenizer, messages, [rendered, template.source, ...names]);
  const again = hidden && template.render(hidden.messages, options);
  yield;
  if (!hidden || again === undefined || (yield* hidden.putBack(again)) !== rendered)
    throw yield* cannotTell(tokenizer, messages, rendered);
  const expected: string[] = [];
  for (const text of skeleton?.texts ?? []) expected.push(...(yield* specialsIn(tokenizer, text)));
  const actual = yield* specialsIn(tokenizer, again);
  const equal = expected.length === actual.length && expected.every((text, i) => text === actual[i]);
  if (skeleton === undefined || !equal) throw yield* cannotTell(tokenizer, messages, rendered);
  return yield* hidden.partsOf(again);
}

function* specialsIn(tokenizer: Tokenizer, text: string): Pausing<string[]> {
  return (yield* tokenizer.findingSpecials(text)).map((special) => special.text);
}

function* cannotTell(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  rendered: string,
): Pausing<DiffusionError> {
  const reason = "the chat template rewrites them, so special tokens in them cannot be told from its own";
  for (const [index, { content }] of messages.entries()) {
    const [special] = yield* specialsIn(tokenizer, content);
    if (special === undefined) continue;
    return new DiffusionError(
      "text",
      `Cannot encode ${whole} as ${reason}: found '${special}' in ${nameOf(index)}`,
    );
  }
  const actual = yield* specialsIn(tokenizer, rendered);
  return new DiffusionError("text", `Cannot encode ${whole} as ${reason}: found ${found(actual)}`);
}
