/** The canvas during decoding: the state of each position, and its rendering on a terminal. */
import { characterWidth, printable } from "./terminal.ts";

/** An unmasked position. */
export interface Cell {
  readonly text: string;
  readonly confidence: number;
  /** Whether the token is a control token, such as an end-of-sequence token. */
  readonly control: boolean;
}

export interface Canvas {
  /** The generated positions in order; undefined for a mask. */
  readonly cells: readonly (Cell | undefined)[];
  /** Offsets that were committed since the last frame. */
  readonly fresh: ReadonlySet<number>;
}

export function maskedCanvas(length: number): Canvas {
  return { cells: new Array<Cell | undefined>(length).fill(undefined), fresh: new Set() };
}

/** Appends masked positions up to the given length. */
export function extendedTo({ cells, fresh }: Canvas, length: number): Canvas {
  return { cells: [...cells, ...maskedCanvas(length - cells.length).cells], fresh };
}

/** Fills in cells. Ignores offsets outside the canvas: the last block can be longer than the canvas. */
export function withCells(canvas: Canvas, added: readonly (readonly [offset: number, cell: Cell])[]): Canvas {
  const cells = [...canvas.cells];
  const fresh = new Set(canvas.fresh);
  for (const [offset, cell] of added) {
    if (offset < 0 || offset >= cells.length) continue;
    cells[offset] = cell;
    fresh.add(offset);
  }
  return { cells, fresh };
}

/** Makes offsets masks again. */
export function withMasks({ cells, fresh }: Canvas, offsets: readonly number[]): Canvas {
  const masked = new Set(offsets);
  return {
    cells: cells.map((cell, offset) => (masked.has(offset) ? undefined : cell)),
    fresh: new Set([...fresh].filter((offset) => !masked.has(offset))),
  };
}

/** The canvas after a frame: no position is fresh. */
export function shown(canvas: Canvas): Canvas {
  return canvas.fresh.size === 0 ? canvas : { ...canvas, fresh: new Set() };
}

/** The style of a position. */
export type Tone = "mask" | "control" | "fresh" | "sure" | "likely" | "unsure";
export type Paint = (tone: Tone, text: string) => string;

export interface CanvasSize {
  readonly columns: number;
  readonly rows: number;
}

const maskText = "░";
const controlText = "·";

function toneOf(cell: Cell | undefined, fresh: boolean): Tone {
  if (!cell) return "mask";
  if (cell.control) return "control";
  if (fresh) return "fresh";
  if (cell.confidence >= 0.9) return "sure";
  return cell.confidence >= 0.5 ? "likely" : "unsure";
}

/** Wraps text at a number of columns and merges neighbouring pieces of the same tone. */
class Lines {
  readonly lines: { tone: Tone; text: string }[][] = [[]];
  readonly #columns: number;
  #used = 0;

  constructor(columns: number) {
    this.#columns = Math.max(2, columns);
  }

  add(tone: Tone, text: string): void {
    for (const character of text) {
      if (character === "\n") this.#break();
      else this.#put(tone, character);
    }
  }

  #put(tone: Tone, character: string): void {
    const width = characterWidth(character);
    if (this.#used + width > this.#columns) this.#break();
    this.#used += width;
    const line = this.lines[this.lines.length - 1]!;
    const last = line[line.length - 1];
    if (last?.tone === tone) last.text += character;
    else line.push({ tone, text: character });
  }

  #break(): void {
    this.lines.push([]);
    this.#used = 0;
  }
}

/**
 * Renders the canvas as lines that fit the size. A canvas with too many lines is cropped to the lines around its
 * first mask, where decoding takes place.
 */
export function drawCanvas({ cells, fresh }: Canvas, { columns, rows }: CanvasSize, paint: Paint): string {
  const layout = new Lines(columns);
  let firstOpen: number | undefined;
  cells.forEach((cell, offset) => {
    const text = !cell ? maskText : cell.control ? controlText : printable(cell.text).replaceAll("\t", "  ");
    layout.add(toneOf(cell, fresh.has(offset)), text);
    if (!cell) firstOpen ??= layout.lines.length - 1;
  });
  const { lines } = layout;
  const maxLines = Math.max(1, rows);
  const focus = firstOpen ?? lines.length - 1;
  const from = Math.max(0, Math.min(focus - Math.floor(maxLines / 2), lines.length - maxLines));
  return lines
    .slice(from, from + maxLines)
    .map((line) => line.map(({ tone, text }) => paint(tone, text)).join(""))
    .join("\n");
}
