/**
 * The matches of a pattern in a text of any length. A call of a regular expression cannot be interrupted, and takes .3 ms
 * for a thousand letters in some scripts. So the text is searched in windows, and the length of a match is limited.
 */
import { characterBoundary } from "./characters.ts";
import { EncodingError } from "./encodingError.ts";

/** The maximum UTF-16 units of a match. */
export const maxMatchLength = 65_536;
/** UTF-16 units of a window in which matches may start. The searched text extends beyond them by `maxMatchLength`. */
const windowLength = 16_384;
/** UTF-16 units before the window that a pattern's lookbehind can see. */
const lookBehind = 64;

export interface Match {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface WindowOptions {
  readonly windowLength?: number;
  readonly maxMatchLength?: number;
}

/**
 * The non-empty matches of `text.matchAll(pattern)`; undefined where the caller may pause.
 * @param pattern a pattern with the flags `g` and `u`
 * @throws EncodingError for a longer match, after yielding its first `maxMatchLength` units
 */
export function* matches(
  text: string,
  pattern: RegExp,
  options: WindowOptions = {},
): Generator<Match | undefined, void, undefined> {
  const { windowLength: step = windowLength, maxMatchLength: maxLength = maxMatchLength } = options;
  let position = 0;
  while (position < text.length) {
    const base = characterBoundary(text, Math.max(0, position - lookBehind));
    const stop = position + step;
    const end = Math.min(text.length, characterBoundary(text, stop + maxLength + 1));
    const window = text.slice(base, end);
    while (position < stop) {
      pattern.lastIndex = position - base;
      const match = pattern.exec(window);
      // a match that starts behind this window is left to the next one, which sees more of the text
      if (match === null || base + match.index >= stop) position = stop;
      else {
        const start = base + match.index;
        const [{ length }] = match;
        if (length > maxLength) {
          // the start comes first: if it exceeds the limit of tokens, that error is more helpful
          yield { start, end: characterBoundary(text, start + maxLength) };
          throw new EncodingError(
            `a word may have at most ${maxLength} characters: found a longer one at position ${start}`,
          );
        }
        if (length > 0) yield { start, end: start + length };
        position = length > 0 ? start + length : start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      }
    }
    yield undefined;
  }
}
