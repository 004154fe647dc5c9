/**
 * Character classes as defined by Rust, the language of the reference tokenizers. JavaScript differs: `\s` and `trim` include
 * U+FEFF and exclude U+0085, and `\w` and `\d` are ASCII.
 */

/** Whether a UTF-16 unit is white space (Unicode's White_Space, whose characters are all one unit). */
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

/** The start of the white space that ends at `end`; at least `start`. */
export function startOfWhiteSpace(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isWhiteSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/** The end of the white space that begins at `start`. */
export function endOfWhiteSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && isWhiteSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The class of `\w`, for use in a character class with the flag `u`. */
export const wordClass = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";

const startsWithWord = new RegExp(`^[${wordClass}]`, "u");
const endsWithWord = new RegExp(`[${wordClass}]$`, "u");

/** Whether the character before `position` is a word character. */
export function isWordBefore(text: string, position: number): boolean {
  return endsWithWord.test(text.slice(Math.max(0, position - 2), position));
}

/** Whether the character at `position` is a word character. */
export function isWordAt(text: string, position: number): boolean {
  return startsWithWord.test(text.slice(position, position + 2));
}

/** The position, or the one before it if a cut at `position` would split a surrogate pair. */
export function characterBoundary(text: string, position: number): number {
  if (position <= 0 || position >= text.length) return position;
  const unit = text.charCodeAt(position);
  const before = text.charCodeAt(position - 1);
  const splits = unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
  return splits ? position - 1 : position;
}

/** Cuts a text between characters into pieces of at most `length` UTF-16 units. */
export function* piecesOf(text: string, length: number): Generator<string, void, undefined> {
  for (let start = 0; start < text.length; ) {
    const end = characterBoundary(text, Math.min(text.length, start + Math.max(2, length)));
    yield text.slice(start, end);
    start = end;
  }
}
