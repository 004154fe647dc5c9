/**
 * A pattern's matches in a text of any length. One step of a regular expression cannot be interrupted, and takes .3 ms a
 * thousand letters in some scripts, so the text is searched window by window, and no match may be longer than a window.
 */
import { characterBoundary } from "./characters.ts";
import { UnreadableText } from "./unreadableText.ts";

/** UTF-16 units that one match may have. */
export const longestMatch = 65_536;
/** UTF-16 units in which matches start in one window; it goes on behind them as far as a match may reach. */
const windowLength = 16_384;
/** UTF-16 units that a pattern can look back at. */
const lookBehind = 64;

export interface Match {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface WindowOptions {
  readonly windowLength?: number;
  readonly longestMatch?: number;
}

/**
 * The matches of a pattern, none of them empty, as `text.matchAll(pattern)` gives them; undefined where the search may
 * pause.
 * @param pattern has the flags `g` and `u`
 * @throws UnreadableText behind the first `longestMatch` units of a match that is longer
 */
export function* matches(
  text: string,
  pattern: RegExp,
  options: WindowOptions = {},
): Generator<Match | undefined, void, undefined> {
  const { windowLength: step = windowLength, longestMatch: longest = longestMatch } = options;
  let position = 0;
  while (position < text.length) {
    const base = characterBoundary(text, Math.max(0, position - lookBehind));
    const stop = position + step;
    const end = Math.min(text.length, characterBoundary(text, stop + longest + 1));
    const window = text.slice(base, end);
    while (position < stop) {
      pattern.lastIndex = position - base;
      const match = pattern.exec(window);
      // what starts behind the window's part is found with more of the text behind it
      if (match === null || base + match.index >= stop) position = stop;
      else {
        const start = base + match.index;
        const [{ length }] = match;
        if (length > longest) {
          // its beginning first: that may be more tokens than there is room for, which is the better reason
          yield { start, end: characterBoundary(text, start + longest) };
          throw new UnreadableText(
            `a word of it must have at most ${longest} characters: found a longer one at position ${start}`,
          );
        }
        if (length > 0) yield { start, end: start + length };
        position = length > 0 ? start + length : start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      }
    }
    yield undefined;
  }
}
