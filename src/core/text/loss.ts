import { DiffusionError, found } from "../error.ts";
import type { Pausing } from "../pausing.ts";
import { endOfWhiteSpace, isWhiteSpace } from "./characters.ts";
import type { TextPart } from "./textPart.ts";

/** A character for an error message: its code point, after the quoted character if it is visible. A word is quoted. */
function nameOf(character: string): string {
  if ([...character].length > 1) return `'${character}'`;
  const codePoint = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `'${character}' (${codePoint})` : codePoint;
}

/** An offset into the joined texts of the parts, for an error message. */
function placeOf(offset: number, parts: readonly TextPart[]): string {
  let start = 0;
  for (const { text, name } of parts) {
    if (offset < start + text.length && name !== undefined) return `position ${offset - start} of ${name}`;
    start += text.length;
    if (offset < start) break;
  }
  return `position ${offset}`;
}

/** UTF-16 units between two pauses. */
const pieceLength = 4096;

function* wordsOf(text: string): Generator<string, void, undefined> {
  let start = 0;
  while (start < text.length) {
    const space = endOfWhiteSpace(text, start);
    let end = space;
    while (end === start || (space === start && end < text.length && !isWhiteSpace(text.charCodeAt(end))))
      end++;
    yield text.slice(start, end);
    start = end;
  }
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(", ");
  const rest = items.length - 3;
  return rest <= 0 ? shown : `${shown} and ${rest} ${rest === 1 ? "other" : "others"}`;
}

/**
 * The error for a text whose tokens do not decode to the text. The message names each character that cannot be encoded on
 * its own either, or each such word if the tokenizer loses whole words, with its first position. The search takes time only
 * in this case of failure.
 */
export function* lossError(loss: {
  /** The text that was not encoded without loss. */
  readonly text: string;
  /** The offset of `text` in the joined texts of the parts. */
  readonly start: number;
  readonly parts: readonly TextPart[];
  readonly what: string;
  readonly units: "characters" | "words";
  /** Whether a character or word can be encoded on its own. */
  readonly encodes: (unit: string) => Pausing<boolean>;
}): Pausing<DiffusionError> {
  const { text, start, parts, what } = loss;
  const tried = new Set<string>();
  let pause = pieceLength;
  const dropped: string[] = [];
  let offset = start;
  for (const unit of loss.units === "words" ? wordsOf(text) : text) {
    if (!tried.has(unit) && !(yield* loss.encodes(unit)))
      dropped.push(`${nameOf(unit)} at ${placeOf(offset, parts)}`);
    tried.add(unit);
    offset += unit.length;
    if (offset - start > pause) {
      pause += pieceLength;
      yield;
    }
  }
  const reason =
    dropped.length > 0
      ? `the tokenizer drops ${listed(dropped)}`
      : `its tokens do not decode to the same text: found ${found(text)}`;
  return new DiffusionError("text", `Cannot encode ${what} as ${reason}`);
}
