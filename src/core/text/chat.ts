/**
 * Encodes a conversation so that what a message says never becomes a control token: `<|mask|>` or the mark of
 * another turn in a message is nothing but characters.
 */
import { DiffusionError, found } from "../error.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./template.ts";
import type { TextPart } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Templates write roles out, some of them inside a token: a free text as role could spell any token. */
const roles: readonly string[] = ["system", "developer", "user", "assistant", "tool"];

const whole = "the messages";
const nameOf = (index: number) => `messages[${index}].content`;

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

/** Two private-use characters that occur in none of the texts. */
function unusedMarks(texts: readonly string[]): readonly [string, string] | undefined {
  const used = new Set(texts.flatMap((text) => text.match(/[\uE000-\uF8FF]/g) ?? []));
  const marks: string[] = [];
  for (let code = 0xe000; code <= 0xf8ff && marks.length < 2; code++) {
    const mark = String.fromCharCode(code);
    if (!used.has(mark)) marks.push(mark);
  }
  return marks.length === 2 ? [marks[0]!, marks[1]!] : undefined;
}

/**
 * What the template writes around the messages: texts with the indices of messages between them, as found by
 * rendering marks in place of the messages.
 */
function skeletonOf(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: RenderOptions,
): { readonly texts: string[]; readonly indices: number[] } | undefined {
  const { bosToken = "", eosToken = "" } = options;
  const marks = unusedMarks([template.source, bosToken, eosToken, ...stringsIn(options.extra)]);
  if (marks === undefined) return undefined;
  const [open, close] = marks;
  // templates ask whether a message is empty, so an empty one stays what it is
  const marked = messages.map(({ role, content }, index) => ({
    role,
    content: content === "" ? "" : `${open}${index}${close}`,
  }));
  let rendered: string;
  try {
    rendered = template.render(marked, options);
  } catch {
    return undefined; // a template may refuse marks that it would not refuse as a message
  }
  const pieces = rendered.split(new RegExp(`${open}(\\d+)${close}`, "u"));
  const texts = pieces.filter((_, i) => i % 2 === 0);
  if (texts.some((text) => text.includes(open) || text.includes(close))) return undefined;
  return { texts, indices: pieces.filter((_, i) => i % 2 === 1).map(Number) };
}

/** Cuts a rendered text into the template's text and the messages, which the template may have trimmed. */
function partsOf(
  rendered: string,
  skeleton: { readonly texts: readonly string[]; readonly indices: readonly number[] },
  messages: readonly ChatMessage[],
): TextPart[] | undefined {
  const first = skeleton.texts[0]!;
  if (!rendered.startsWith(first)) return undefined;
  const parts: TextPart[] = [{ text: first, special: "parse" }];
  let at = first.length;
  for (const [i, index] of skeleton.indices.entries()) {
    const { content } = messages[index]!;
    const next = skeleton.texts[i + 1]!;
    const forms = [content, content.trim(), content.trimStart(), content.trimEnd()];
    const text = forms.find(
      (form) => rendered.startsWith(form, at) && rendered.startsWith(next, at + form.length),
    );
    if (text === undefined) return undefined;
    const name = nameOf(index);
    parts.push({ text, special: "plain", name }, { text: next, special: "parse" });
    at += text.length + next.length;
  }
  return at === rendered.length ? parts : undefined;
}

/**
 * The tokens of a conversation. Special tokens are parsed in what the template writes and nowhere else; all the
 * rest, across the bounds of messages too, is encoded as one text, so that a conversation without special
 * tokens in its messages has the tokens that encoding the rendered text gives.
 *
 * A template that does more with a message than to place or trim it (changes its case, cuts a part out) hides
 * where it went. Then a message must not hold a special token, and the rendered text must hold the special
 * tokens that it holds around opaque messages, no more.
 * @param options `bosToken` and `eosToken` default to the tokenizer's
 * @throws DiffusionError `text` if the template fails, a character cannot be encoded, or special tokens in
 *   messages or variables cannot be told apart; `invalid-request` for roles other than system, developer,
 *   user, assistant and tool
 */
export function encodeChat(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: RenderOptions = {},
): number[] {
  check(tokenizer, messages, options.extra);
  const { bos = "", eos = "" } = tokenizer.roles;
  const all = { bosToken: bos, eosToken: eos, ...options };
  const rendered = template.render(messages, all);
  const skeleton = skeletonOf(template, messages, all);
  const parts = skeleton && partsOf(rendered, skeleton, messages);
  if (parts !== undefined) return tokenizer.encodeParts(parts, whole);
  const specials = (text: string) => tokenizer.findSpecials(text).map((special) => special.text);
  const reason = "the chat template rewrites them, so special tokens in them cannot be told from its own";
  for (const [index, { content }] of messages.entries()) {
    const special = specials(content)[0];
    if (special === undefined) continue;
    throw new DiffusionError(
      "text",
      `Cannot encode ${whole} as ${reason}: found '${special}' in ${nameOf(index)}`,
    );
  }
  const expected = skeleton?.texts.flatMap(specials);
  const actual = specials(rendered);
  if (expected === undefined || found(expected) !== found(actual)) {
    throw new DiffusionError("text", `Cannot encode ${whole} as ${reason}: found ${found(actual)}`);
  }
  return tokenizer.encode(rendered, { special: "parse", what: whole });
}
