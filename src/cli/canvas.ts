/** The canvas while it is being unmasked: what is known of each position, and how that looks on a terminal. */
import { characterWidth, printable } from "./terminal.ts";

/** A position that holds a token. */
export interface Cell {
  readonly text: string;
  readonly confidence: number;
  /** A token that is no text, as the one that ends an answer. */
  readonly control: boolean;
}

export interface Canvas {
  /** The generated positions, in order; undefined where masked. */
  readonly cells: readonly (Cell | undefined)[];
  /** Offsets committed since the canvas was last shown. */
  readonly fresh: ReadonlySet<number>;
}

export function maskedCanvas(length: number): Canvas {
  return { cells: new Array<Cell | undefined>(length).fill(undefined), fresh: new Set() };
}

/** The canvas with masked positions behind it, so many in all. */
export function extendedTo({ cells, fresh }: Canvas, length: number): Canvas {
  return { cells: [...cells, ...maskedCanvas(length - cells.length).cells], fresh };
}

/** The canvas with these cells filled in. Offsets beyond its end, of a block that is longer than it, are left out. */
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

/** The same canvas once it has been shown: nothing on it is new any more. */
export function shown(canvas: Canvas): Canvas {
  return canvas.fresh.size === 0 ? canvas : { ...canvas, fresh: new Set() };
}

/** How a piece of the canvas is painted. */
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

/** Pieces of one tone, for lines of at most so many columns. */
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
 * The canvas as lines that fit the size. Where it has more lines than there are rows, those around the first mask
 * are shown, as that is where it is being unmasked.
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
  const most = Math.max(1, rows);
  const focus = firstOpen ?? lines.length - 1;
  const from = Math.max(0, Math.min(focus - Math.floor(most / 2), lines.length - most));
  return lines
    .slice(from, from + most)
    .map((line) => line.map(({ tone, text }) => paint(tone, text)).join(""))
    .join("\n");
}
