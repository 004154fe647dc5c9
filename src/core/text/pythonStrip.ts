import { isWhiteSpace } from "./characters.ts";

/** White space of Python's `str`: Unicode's, and the four ASCII separators. */
function isPythonSpace(character: string): boolean {
  const unit = character.charCodeAt(0);
  return isWhiteSpace(unit) || (unit >= 0x1c && unit <= 0x1f);
}

/**
 * Python's `strip`, `lstrip` and `rstrip`.
 * @param options.characters the characters to remove; by default white space
 */
export function pythonStrip(
  text: string,
  options: { readonly left: boolean; readonly right: boolean; readonly characters?: string },
): string {
  const set = options.characters === undefined ? undefined : new Set(options.characters);
  const isStripped = (character: string) => (set ? set.has(character) : isPythonSpace(character));
  let [start, end] = [0, text.length];
  while (options.left && start < end) {
    const character = String.fromCodePoint(text.codePointAt(start)!);
    if (!isStripped(character)) break;
    start += character.length;
  }
  while (options.right && end > start) {
    const pair = end - start > 1 && /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(end - 2, end));
    const character = text.slice(end - (pair ? 2 : 1), end);
    if (!isStripped(character)) break;
    end -= character.length;
  }
  return text.slice(start, end);
}
