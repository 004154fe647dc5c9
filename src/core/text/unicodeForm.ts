/**
 * Unicode normalization in pieces. A call for a whole text cannot be interrupted, and its time grows with the square of the
 * length of a run of combining marks: half a minute for 300 kB.
 */
import type { Pausing } from "../pausing.ts";
import { characterBoundary } from "./characters.ts";
import { EncodingError } from "./encodingError.ts";

export type UnicodeForm = "NFC" | "NFD" | "NFKC" | "NFKD";

/** UTF-16 units of a piece, before the combining characters at its end. */
const pieceLength = 1024;
/** The maximum UTF-16 units of the combining characters at the end of a piece. */
const maxRunLength = 1024;

/**
 * Characters that may combine with the character before them: marks, vowels and finals of Hangul, and the vowel signs of
 * Kirat Rai, which are letters.
 */
const combining = /^[\p{M}\u1160-\u11FF\uD7B0-\uD7FF\u{16D40}-\u{16D7F}]/u;

/** Whether a text may be cut at a position: the character there combines with none before it and is not in `alsoWith`. */
function canCutAt(text: string, position: number, alsoWith?: RegExp): boolean {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  return !combining.test(character.normalize("NFKD")) && !alsoWith?.test(character);
}

/**
 * Cuts a text into pieces that can be normalized independently. No piece begins with a character that matches `alsoWith`.
 * @throws EncodingError if more than 1,024 characters in a row combine with the ones before them
 */
export function* separablePieces(
  text: string,
  { length = pieceLength, alsoWith }: { readonly length?: number; readonly alsoWith?: RegExp } = {},
): Generator<string, void, undefined> {
  for (let start = 0; start < text.length; ) {
    const minEnd = characterBoundary(text, Math.min(text.length, start + length));
    let end = minEnd;
    while (end < text.length && (end === start || !canCutAt(text, end, alsoWith))) {
      end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
      if (end - minEnd > maxRunLength) {
        throw new EncodingError(
          `at most ${maxRunLength} combining characters may follow each other: found more`,
        );
      }
    }
    yield text.slice(start, end);
    start = end;
  }
}

/** `text.normalize(form)`, with pauses. @throws EncodingError as `separablePieces` */
export function* unicodeForm(text: string, form: UnicodeForm): Pausing<string> {
  let out = "";
  for (const piece of separablePieces(text)) {
    if (out !== "") yield;
    out += piece.normalize(form);
  }
  return out;
}
