import { DiffusionError, found } from "../error.ts";
import type { Pausing } from "../pausing.ts";
import { endOfWhiteSpace, isWhiteSpace } from "./characters.ts";
import type { TextPart } from "./textPart.ts";

/** A character as errors show it: quoted if it can be seen, always with its code point. Words are quoted. */
function nameOf(character: string): string {
  if ([...character].length > 1) return `'${character}'`;
  const codePoint = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `'${character}' (${codePoint})` : codePoint;
}

/** Where an offset into the parts' joined texts is, as errors say it. */
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
 * The error for a text that does not come back when its tokens are decoded. It names each character (each
 * word, if unknown words are lost as a whole) that does not come back on its own either, where it first stands;
 * only the error pays for that search.
 */
export function* lossError(loss: {
  /** The stretch that was lost, and its offset into the parts' joined texts. */
  readonly text: string;
  readonly start: number;
  readonly parts: readonly TextPart[];
  readonly what: string;
  readonly units: "characters" | "words";
  /** Whether such a unit comes back on its own. */
  readonly keeps: (unit: string) => Pausing<boolean>;
}): Pausing<DiffusionError> {
  const { text, start, parts, what } = loss;
  const tried = new Set<string>();
  let pause = pieceLength;
  const dropped: string[] = [];
  let offset = start;
  for (const unit of loss.units === "words" ? wordsOf(text) : text) {
    if (!tried.has(unit) && !(yield* loss.keeps(unit)))
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
