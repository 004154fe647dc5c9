/**
 * Unicode normalization piece by piece. Done on a whole text it cannot be interrupted, and it takes time with the square of
 * a run of combining marks: half a minute for 300 kB of them.
 */
import type { Pausing } from "../pausing.ts";
import { characterBoundary } from "./characters.ts";
import { UnreadableText } from "./unreadableText.ts";

export type UnicodeForm = "NFC" | "NFD" | "NFKC" | "NFKD";

/** UTF-16 units of a piece, and how many more it may have until a character begins that stands by itself. */
const pieceLength = 1024;
const longestRun = 1024;

/**
 * Characters that may combine with those before them: marks, vowels and finals of Hangul, and vowel signs of Kirat Rai,
 * which are letters.
 */
const combining = /^[\p{M}\u1160-\u11FF\uD7B0-\uD7FF\u{16D40}-\u{16D7F}]/u;

/** Whether nothing before a position combines with what stands there, in any form; nor is it one of `alsoWith`. */
function standsAlone(text: string, position: number, alsoWith?: RegExp): boolean {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  return !combining.test(character.normalize("NFKD")) && !alsoWith?.test(character);
}

/**
 * Cuts a text where normalizing its parts is normalizing the whole, and never before a character of `alsoWith`.
 * @throws UnreadableText if more than 1,024 characters in a row combine with those before them
 */
export function* separablePieces(
  text: string,
  { length = pieceLength, alsoWith }: { readonly length?: number; readonly alsoWith?: RegExp } = {},
): Generator<string, void, undefined> {
  for (let start = 0; start < text.length; ) {
    const least = characterBoundary(text, Math.min(text.length, start + length));
    let end = least;
    while (end < text.length && (end === start || !standsAlone(text, end, alsoWith))) {
      end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
      if (end - least > longestRun) {
        throw new UnreadableText(
          `at most ${longestRun} characters may combine with one before them: found more in a row`,
        );
      }
    }
    yield text.slice(start, end);
    start = end;
  }
}

/** `text.normalize(form)` @throws UnreadableText as `separablePieces` */
export function* unicodeForm(text: string, form: UnicodeForm): Pausing<string> {
  let out = "";
  for (const piece of separablePieces(text)) {
    if (out !== "") yield;
    out += piece.normalize(form);
  }
  return out;
}
