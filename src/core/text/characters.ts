/**
 * Classes of characters as Rust and its regular expressions define them, in which tokenizers are written. JavaScript's
 * `\s` and `trim` take U+FEFF for white space and U+0085 for none; its `\w` and `\d` are ASCII.
 */

/** Whether a UTF-16 unit is white space (Unicode's White_Space, all of which is one unit). */
export function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x2000) return unit === 0x85 || unit === 0xa0 || unit === 0x1680;
  return (
    unit <= 0x200a ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** Where the white space that ends at `end` begins, not before `start`. */
export function startOfWhiteSpace(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isWhiteSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/** Where the white space that begins at `start` ends. */
export function endOfWhiteSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && isWhiteSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The class of `\w`, for use in a character class with the flag `u`. */
export const wordClass = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";

const startsWithWord = new RegExp(`^[${wordClass}]`, "u");
const endsWithWord = new RegExp(`[${wordClass}]$`, "u");

/** Whether the character before `position` is of a word. */
export function isWordBefore(text: string, position: number): boolean {
  return endsWithWord.test(text.slice(Math.max(0, position - 2), position));
}

/** Whether the character at `position` is of a word. */
export function isWordAt(text: string, position: number): boolean {
  return startsWithWord.test(text.slice(position, position + 2));
}

/** Where a text may be cut at `position` or just before it, so that no surrogate pair is split. */
export function characterBoundary(text: string, position: number): number {
  if (position <= 0 || position >= text.length) return position;
  const unit = text.charCodeAt(position);
  const before = text.charCodeAt(position - 1);
  const splits = unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
  return splits ? position - 1 : position;
}

/** Cuts a text into pieces of at most `length` UTF-16 units, between characters. */
export function* piecesOf(text: string, length: number): Generator<string, void, undefined> {
  for (let start = 0; start < text.length; ) {
    const end = characterBoundary(text, Math.min(text.length, start + Math.max(2, length)));
    yield text.slice(start, end);
    start = end;
  }
}
