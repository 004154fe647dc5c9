/**
 * Where the cells of a run stand: a monospace grid, in which a token takes as many columns as its text has. Lines break where the
 * text breaks them, and where the next cell does not fit.
 */
import type { Recording } from "../run/index.ts";
import { columnsOf, shownText } from "./columns.ts";

export interface LayoutOptions {
  /** CSS pixels of a line. */
  readonly width: number;
  /** CSS pixels; a column is as wide as a character of the font. */
  readonly fontSize?: number;
  /** Columns of a mask whose token is not known yet. */
  readonly maskColumns?: number;
  /** Whether the cells stand as in the last frame of the recording, so that a playback moves none; else as in `frame`. */
  readonly frame?: number;
  /** Whether the prompt is shown before the answer. */
  readonly showsPrompt?: boolean;
}

/** A cell's place, in CSS pixels. */
export interface CellBox {
  readonly position: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly line: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly fontSize: number;
  readonly columnWidth: number;
  /** Ascending by position. */
  readonly boxes: readonly CellBox[];
  /** By line, the indices of its boxes: [first, end). */
  readonly lines: readonly { readonly first: number; readonly end: number; readonly y: number }[];
}

/** The width of a character, as a share of the font's size: that of most monospace fonts. */
export const characterAspect = 0.6;
const gap = 2;
const inset = 4;

export function layOut(recording: Recording, options: LayoutOptions): Layout {
  const { width, fontSize = 15, maskColumns = 1, showsPrompt = true } = options;
  const frame = options.frame ?? recording.frameCount - 1;
  const columnWidth = fontSize * characterAspect + gap;
  const height = Math.round(fontSize * 1.6);
  const lineHeight = height + gap;
  const columns = Math.max(1, Math.floor((width - 2 * inset) / columnWidth));
  const boxes: CellBox[] = [];
  const lines: { first: number; end: number; y: number }[] = [];
  let y = inset;
  let column = 0;
  let first = 0;
  const endLine = (space: number) => {
    lines.push({ first, end: boxes.length, y });
    first = boxes.length;
    y += lineHeight + space;
    column = 0;
  };
  const cells = recording.frameCount > 0 ? recording.frame(frame).cells : [];
  for (const cell of cells) {
    if (cell.isPrompt && !showsPrompt) continue;
    const isFirstOfAnswer = cell.position === recording.promptEnd && boxes.length > 0;
    if (isFirstOfAnswer) endLine(column > 0 ? lineHeight / 2 : 0);
    const isKnown = cell.state !== "mask" && !cell.isControl;
    const wanted = isKnown ? columnsOf(shownText(cell.text)) : maskColumns;
    const taken = Math.min(columns, Math.max(1, wanted));
    if (column > 0 && column + taken > columns) endLine(0);
    const x = inset + column * columnWidth;
    boxes.push({
      position: cell.position,
      x,
      y,
      width: taken * columnWidth - gap,
      height,
      line: lines.length,
    });
    column += taken;
    const breaks = isKnown ? lineBreaksIn(cell.text) : 0;
    if (breaks > 0) endLine((breaks - 1) * (lineHeight / 2));
  }
  if (boxes.length > first) endLine(0);
  return { width, height: y + inset - gap, fontSize, columnWidth, boxes, lines };
}

function lineBreaksIn(text: string): number {
  return text.replaceAll("\r\n", "\n").split(/[\n\r]/).length - 1;
}
