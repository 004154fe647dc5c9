/**
 * Where the cells of a run stand: in lines of monospace text, each cell as wide as its token's text. Lines break where the text
 * breaks them, and where the next cell does not fit. Where each token is a character, the cells are a grid.
 */
import type { Cell, Recording } from "../run/index.ts";
import { shownText } from "./shownText.ts";

export interface LayoutOptions {
  /** CSS pixels of a line. */
  readonly width: number;
  /** CSS pixels. */
  readonly fontSize?: number;
  /** Columns of a mask whose token is not known yet. */
  readonly maskColumns?: number;
  /** The frame whose texts give the cells their widths. By default the last one: then a playback moves no cell. */
  readonly frame?: number;
  /**
   * Whether a position that is to be decided keeps the width of a mask, whatever stands there, and breaks no line. Then no cell moves
   * while a run goes on: only positions that are appended change the layout. `maskColumnsOf` gives a fitting width.
   */
  readonly keepsMasks?: boolean;
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
  /** From the cell's sides to its text. */
  readonly inset: number;
  readonly line: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly fontSize: number;
  /** Ascending by position. */
  readonly boxes: readonly CellBox[];
  /** By line, the indices of its boxes: [first, end). */
  readonly lines: readonly { readonly first: number; readonly end: number; readonly y: number }[];
}

/** The width of a character, as a share of the font's size: that of most monospace fonts. */
export const characterAspect = 0.602;
/** CSS pixels between cells, beside a text in its cell, and around all cells. */
const gap = 2;
const padding = 2;
const margin = 6;

/** What is laid out: a recording, or a single frame. */
export type Frames = Pick<Recording, "frameCount" | "length" | "promptEnd" | "frame">;

export function layOut(recording: Frames, options: LayoutOptions): Layout {
  const { width, fontSize = 15, maskColumns = 1, showsPrompt = true, keepsMasks = false } = options;
  const { frame = recording.frameCount - 1 } = options;
  const columnWidth = fontSize * characterAspect;
  const height = Math.round(fontSize * 1.6);
  const lineHeight = height + 3 * gap;
  const boxes: CellBox[] = [];
  const lines: { first: number; end: number; y: number }[] = [];
  let x = margin;
  let y = margin;
  let first = 0;
  const endLine = (space: number) => {
    lines.push({ first, end: boxes.length, y });
    first = boxes.length;
    x = margin;
    y += lineHeight + space;
  };
  const cells = frame < 0 ? [] : recording.frame(frame).cells;
  for (const cell of showsPrompt ? cells : cells.slice(recording.promptEnd)) {
    if (cell.position === recording.promptEnd && boxes.length > 0) endLine(lineHeight / 2);
    const isKept = keepsMasks && cell.state !== "given";
    const text = cell.state === "mask" || cell.isControl || isKept ? undefined : cell.text;
    const columns = text === undefined ? maskColumns : Math.max(1, shownText(text).columns);
    // The prompt's cells touch each other, so that it reads as a text.
    const inset = cell.isPrompt ? 0 : padding;
    const wanted = columns * columnWidth + 2 * inset;
    const taken = Math.min(wanted, width - 2 * margin);
    const needed = cell.isPrompt
      ? Math.min(wordColumns(cells, cell) * columnWidth, width - 2 * margin)
      : taken;
    if (boxes.length > first && x + needed > width - margin) endLine(0);
    boxes.push({ position: cell.position, x, y, width: taken, height, inset, line: lines.length });
    x += cell.isPrompt ? taken : taken + gap;
    const breakCount = text === undefined ? 0 : lineBreaksIn(text);
    if (breakCount > 0) endLine((breakCount - 1) * (lineHeight / 2));
  }
  if (boxes.length > first) endLine(0);
  return { width, height: y - 3 * gap + margin, fontSize, boxes, lines };
}

/** Columns from a prompt's cell to the end of its word, where the word begins with it; else those of the cell. */
function wordColumns(cells: readonly Cell[], { position, text }: Cell): number {
  const own = shownText(text).columns;
  const before = cells[position - 1];
  if (before && !/\s$|^<.+>$/.test(before.text) && !/^\s/.test(text)) return own;
  let columns = own;
  for (let next = position + 1; !/\s$/.test(cells[next - 1]!.text); next++) {
    const cell = cells[next];
    if (!cell?.isPrompt || /^\s|^<.+>$/.test(cell.text)) break;
    columns += shownText(cell.text).columns;
  }
  return columns;
}

function lineBreaksIn(text: string): number {
  return text.replaceAll("\r\n", "\n").split(/[\n\r]/).length - 1;
}
