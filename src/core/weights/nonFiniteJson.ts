/** JSON as Python's `json` writes it, with NaN and infinities as bare words. */

/** In place of NaN, which no JSON literal gives; a private character, so that no text of a configuration is it. */
const notANumber = "\uE000NaN";
const literals = { NaN: JSON.stringify(notANumber), Infinity: "1e999" } as const;

/**
 * As JSON.parse, but for NaN, Infinity and -Infinity.
 * @throws SyntaxError
 */
export function parseNonFinite(text: string): unknown {
  if (!/NaN|Infinity/.test(text)) return JSON.parse(text);
  // A number too large is an infinity to JSON.parse.
  return JSON.parse(replaced(text), (_, value) => (value === notANumber ? Number.NaN : value));
}

/** The text with its bare words replaced, and its strings as they are. */
function replaced(text: string): string {
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    const word = text[at] === "N" ? "NaN" : text[at] === "I" ? "Infinity" : undefined;
    if (word === undefined || !text.startsWith(word, at)) continue;
    pieces.push(text.slice(start, at), literals[word]);
    start = at + word.length;
    at = start - 1;
  }
  return [...pieces, text.slice(start)].join("");
}

/** The position of the quote that ends the string whose first quote stands at `start`; the text's end if there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
