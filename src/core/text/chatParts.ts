/** What of a rendered conversation the template wrote, and what its messages said. */
import type { Pausing } from "../pausing.ts";
import { piecesOf } from "./characters.ts";
import { matches } from "./matches.ts";
import { pythonStrip } from "./pythonStrip.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./template.ts";
import type { TextPart } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** UTF-16 units that are searched between two pauses. */
const pieceLength = 16_384;

/** Characters of private use that occur in none of the texts; undefined if there are not so many. */
function* unusedMarks(texts: readonly string[], count: number): Pausing<readonly string[] | undefined> {
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

/** What a template writes around the messages: texts with the indices of messages between them. */
export interface Skeleton {
  readonly texts: readonly string[];
  readonly indices: readonly number[];
}

/**
 * What the template writes around the messages, as found by rendering marks in place of the messages.
 * @param given.names all other texts that the template is given
 */
export function* skeletonOf(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  { options, names }: { readonly options: RenderOptions; readonly names: readonly string[] },
): Pausing<Skeleton | undefined> {
  const [open, close] = (yield* unusedMarks([template.source, ...names], 2)) ?? [];
  if (open === undefined || close === undefined) return undefined;
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

/** A message as it is, and as templates trim it. */
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

/** Messages without a special token, and how to get from what is rendered of them to what it stands for. */
export interface StandIns {
  readonly messages: readonly ChatMessage[];
  putBack(rendered: string): Pausing<string>;
  /** What was put back is plain text; special tokens are parsed in all the rest. */
  partsOf(rendered: string): Pausing<readonly TextPart[]>;
}

/**
 * One character of private use in place of each special token that a message spells.
 * @param texts what else the rendered text is made of
 */
export function* withStandIns(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  texts: readonly string[],
): Pausing<StandIns | undefined> {
  const specials = new Set<string>();
  for (const { content } of messages) {
    for (const { text } of yield* tokenizer.findingSpecials(content)) specials.add(text);
  }
  const marks = yield* unusedMarks([...texts, ...messages.map(({ content }) => content)], specials.size);
  if (marks === undefined) return undefined;
  const pairs = [...specials]
    .sort((a, b) => b.length - a.length)
    .map((text, i) => [text, marks[i]!] as const);
  const textOf = new Map(pairs.map(([text, mark]) => [mark, text]));
  const standIn = new RegExp(marks.length === 0 ? "(?!)" : `[${marks.join("")}]`, "gu");
  return {
    messages: messages.map(({ role, content }) => ({
      role,
      content: pairs.reduce((text, [special, mark]) => text.replaceAll(special, mark), content),
    })),
    *putBack(rendered) {
      const texts = [];
      for (const { text } of yield* this.partsOf(rendered)) texts.push(text);
      return texts.join("");
    },
    *partsOf(rendered) {
      const parts: TextPart[] = [];
      let end = 0;
      for (const match of matches(rendered, standIn)) {
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
