/** What a cell shows for a token's text, and how many columns of a monospace font that takes. */

export interface ShownText {
  readonly text: string;
  readonly columns: number;
  /** Whether it has no ink. */
  readonly isBlank: boolean;
  /** Whether it consists of signs for line breaks and tabs. */
  readonly isSign: boolean;
  /** Whether it looks like a control token, such as `<|user|>`. */
  readonly isControl: boolean;
}

/** A vocabulary is finite, and a frame asks for the same texts again and again. */
const known = new Map<string, ShownText>();

/** White space that breaks lines or has a width of its own gets a sign. */
export function shownText(source: string): ShownText {
  const before = known.get(source);
  if (before) return before;
  const text = source
    .replaceAll("\r\n", "\n")
    .replaceAll(/[\n\r]/g, "↵")
    .replaceAll("\t", "→");
  const shown = {
    text,
    columns: columnsOf(text),
    isBlank: text.trim() === "",
    isSign: /^[↵→]+$/.test(text),
    isControl: /^<.+>$/.test(text),
  };
  known.set(source, shown);
  return shown;
}

const wide =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const plain = /^[\x20-\x7e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function columnsOf(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}
