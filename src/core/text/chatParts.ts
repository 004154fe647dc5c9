/** Splits a rendered conversation into the text of the template and the text of the messages. */
import type { Pausing } from "../pausing.ts";
import { piecesOf } from "./characters.ts";
import { matches } from "./matches.ts";
import { pythonStrip } from "./pythonStrip.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./template.ts";
import type { TextPart } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** UTF-16 units that are searched between two pauses. */
const pieceLength = 16_384;

/** Private-use characters that occur in none of the texts; undefined if there are fewer than `count`. */
function* unusedCharacters(texts: readonly string[], count: number): Pausing<readonly string[] | undefined> {
  const used = new Set<string>();
  for (const text of texts) {
    for (const piece of piecesOf(text, pieceLength)) {
      for (const mark of piece.match(/[\uE000-\uF8FF]/g) ?? []) used.add(mark);
      yield;
    }
  }
  const marks: string[] = [];
  for (let code = 0xe000; code <= 0xf8ff && marks.length < count; code++) {
    const mark = String.fromCharCode(code);
    if (!used.has(mark)) marks.push(mark);
  }
  return marks.length === count ? marks : undefined;
}

/** The text that a template writes around the messages, and the index of the message in each gap between two texts. */
export interface Skeleton {
  readonly texts: readonly string[];
  readonly indices: readonly number[];
}

/**
 * Finds the template's own text, by rendering marks in place of the messages.
 * @param input.names all other texts that the template may write
 * @returns undefined if the marks change what the template does
 */
export function* skeletonOf(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  { options, names }: { readonly options: RenderOptions; readonly names: readonly string[] },
): Pausing<Skeleton | undefined> {
  const [open, close] = (yield* unusedCharacters([template.source, ...names], 2)) ?? [];
  if (open === undefined || close === undefined) return undefined;
  // templates test whether a message is empty, so empty messages stay empty
  const marked = messages.map(({ role, content }, index) => ({
    role,
    content: content === "" ? "" : `${open}${index}${close}`,
  }));
  let rendered: string;
  try {
    rendered = template.render(marked, options);
  } catch {
    return undefined; // a template may refuse marks although it accepts the messages
  }
  const pieces = rendered.split(new RegExp(`${open}(\\d+)${close}`, "u"));
  const texts = pieces.filter((_, i) => i % 2 === 0);
  if (texts.some((text) => text.includes(open) || text.includes(close))) return undefined;
  return { texts, indices: pieces.filter((_, i) => i % 2 === 1).map(Number) };
}

/** Splits a rendered text at the messages, which the template may have trimmed; undefined if a message is not found. */
export function partsOf(
  rendered: string,
  skeleton: Skeleton,
  {
    messages,
    nameOf,
  }: { readonly messages: readonly ChatMessage[]; readonly nameOf: (index: number) => string },
): TextPart[] | undefined {
  const first = skeleton.texts[0]!;
  if (!rendered.startsWith(first)) return undefined;
  const parts: TextPart[] = [{ text: first, special: "parse" }];
  let at = first.length;
  for (const [i, index] of skeleton.indices.entries()) {
    const { content } = messages[index]!;
    const next = skeleton.texts[i + 1]!;
    const text = formsOf(content).find(
      (form) => rendered.startsWith(form, at) && rendered.startsWith(next, at + form.length),
    );
    if (text === undefined) return undefined;
    const name = nameOf(index);
    parts.push({ text, special: "plain", name }, { text: next, special: "parse" });
    at += text.length + next.length;
  }
  return at === rendered.length ? parts : undefined;
}

/** A message unchanged, and in the ways in which templates trim it. */
function formsOf(content: string): readonly string[] {
  const [left, right] = [
    { left: true, right: false },
    { left: false, right: true },
  ];
  return [
    content,
    pythonStrip(content, { left: true, right: true }),
    pythonStrip(content, left),
    pythonStrip(content, right),
  ];
}

/** Messages with placeholders for their special tokens. */
export interface Placeholders {
  readonly messages: readonly ChatMessage[];
  /** Replaces the placeholders in a rendered text by their special tokens. */
  restore(rendered: string): Pausing<string>;
  /** The parts of a rendered text: restored special tokens are plain text; special tokens in the rest are parsed. */
  partsOf(rendered: string): Pausing<readonly TextPart[]>;
}

/**
 * Replaces each special token in the messages by an unused private-use character.
 * @param texts all other texts that the template may write
 * @returns undefined if there are too few unused characters
 */
export function* withPlaceholders(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  texts: readonly string[],
): Pausing<Placeholders | undefined> {
  const specials = new Set<string>();
  for (const { content } of messages) {
    for (const { text } of yield* tokenizer.findSpecialsPausing(content)) specials.add(text);
  }
  const marks = yield* unusedCharacters([...texts, ...messages.map(({ content }) => content)], specials.size);
  if (marks === undefined) return undefined;
  const pairs = [...specials]
    .sort((a, b) => b.length - a.length)
    .map((text, i) => [text, marks[i]!] as const);
  const textOf = new Map(pairs.map(([text, mark]) => [mark, text]));
  const placeholder = new RegExp(marks.length === 0 ? "(?!)" : `[${marks.join("")}]`, "gu");
  return {
    messages: messages.map(({ role, content }) => ({
      role,
      content: pairs.reduce((text, [special, mark]) => text.replaceAll(special, mark), content),
    })),
    *restore(rendered) {
      const texts = [];
      for (const { text } of yield* this.partsOf(rendered)) texts.push(text);
      return texts.join("");
    },
    *partsOf(rendered) {
      const parts: TextPart[] = [];
      let end = 0;
      for (const match of matches(rendered, placeholder)) {
        if (match === undefined) {
          yield;
          continue;
        }
        const text = textOf.get(rendered.slice(match.start, match.end))!;
        parts.push({ text: rendered.slice(end, match.start), special: "parse" }, { text, special: "plain" });
        end = match.end;
      }
      parts.push({ text: rendered.slice(end), special: "parse" });
      return parts;
    },
  };
}
