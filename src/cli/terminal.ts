/** Capabilities of the terminal, and safe text for it. */
import { Chalk, type ChalkInstance } from "chalk";
import type { Io, Output } from "./io.ts";

export const showCursor = "\u001b[?25h";
export const hideCursor = "\u001b[?25l";

/** Whether a display can be redrawn in place. */
export function isLive(io: Io): boolean {
  return io.stdout.isTTY === true && io.env["TERM"] !== "dumb";
}

/** Columns and rows of the terminal; 80 × 24 if its size is unknown. */
export function sizeOf(output: Output): { readonly columns: number; readonly rows: number } {
  return { columns: output.columns || 80, rows: output.rows || 24 };
}

/** The colours for a stream; none outside of a terminal, with NO_COLOR, or with --no-color. */
export function colors(io: Io, output: Output, wanted = true): ChalkInstance {
  const { NO_COLOR, TERM = "", COLORTERM = "" } = io.env;
  const off = !wanted || Boolean(NO_COLOR) || !output.isTTY || TERM === "dumb";
  if (off) return new Chalk({ level: 0 });
  if (COLORTERM === "truecolor" || COLORTERM === "24bit") return new Chalk({ level: 3 });
  return new Chalk({ level: TERM.includes("256") ? 2 : 1 });
}

/** Replaces control characters, which could drive the terminal, with pictures; keeps line breaks and tabs. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters on purpose
  return text.replaceAll("\r\n", "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code === 0x7f) return "\u2421";
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

/** The width of a character (one code point) in columns: 0 for combining marks, 2 for wide characters. */
export function characterWidth(character: string): 0 | 1 | 2 {
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}]$/u.test(character)) return 0;
  const wide =
    /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;
  return wide.test(character) ? 2 : 1;
}
