/** JSON as Python's `json` writes it, with NaN and infinities as bare words. */

/** Stands for NaN, for which JSON has no literal. The private-use character keeps it apart from real strings. */
const notANumber = "\uE000NaN";
const literals = { NaN: JSON.stringify(notANumber), Infinity: "1e999" } as const;

/**
 * JSON.parse that also accepts NaN, Infinity and -Infinity.
 * @throws SyntaxError
 */
export function parseNonFinite(text: string): unknown {
  if (!/NaN|Infinity/.test(text)) return JSON.parse(text);
  // JSON.parse makes Infinity of a number that is too large.
  return JSON.parse(replaced(text), (_, value) => (value === notANumber ? Number.NaN : value));
}

/** The text with its bare words replaced; strings are unchanged. */
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

/** The position of the closing quote of the string that opens at `start`; the end of the text if it is missing. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
