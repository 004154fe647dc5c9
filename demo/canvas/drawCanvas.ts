/** Draws a frame of a run on a canvas. */
import type { Cell, Frame, Range } from "../run/index.ts";
import { shownText } from "./columns.ts";
import { type ColorBy, groundOf } from "./groundOf.ts";
import { type CellBox, type Layout, padding } from "./layout.ts";
import { outlines } from "./outline.ts";
import type { Palette } from "./palette.ts";
import { commitRestMs, editRestMs, restOf } from "./rest.ts";

export interface CanvasOptions {
  readonly frame: Frame;
  readonly layout: Layout;
  readonly palette: Palette;
  /** What the colour of a commit tells. */
  readonly colorBy: ColorBy;
  /** How long ago a frame was shown first, ms: `Settling.sinceMs`. Infinity shows everything at rest, for reduced motion. */
  readonly sinceMs: (frame: number) => number;
  /** Whether masks show their best guess. */
  readonly showsGuesses?: boolean;
  /** The position that is pointed at, and the selected ones. */
  readonly focus?: number | undefined;
  readonly selection?: ReadonlySet<number> | undefined;
  /** A CSS font family. */
  readonly fontFamily?: string;
}

interface Placed {
  readonly cell: Cell;
  readonly box: CellBox;
  /** From 0 at the write to 1 at rest. */
  readonly rest: number;
}

const radius = 3;
export const defaultFontFamily =
  'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace';

/**
 * Draws in CSS pixels: the context's transform scales them, as `sizeCanvas` sets it.
 * @returns whether the picture still moves, and wants to be drawn again
 */
export function drawCanvas(context: CanvasRenderingContext2D, options: CanvasOptions): boolean {
  const { frame, layout, palette, fontFamily = defaultFontFamily } = options;
  context.clearRect(0, 0, layout.width, layout.height);
  const placed = placedCells(options);
  const moving = placed.filter(({ rest }) => rest < 1);
  drawGrounds(context, placed, options);
  drawFlashes(context, moving, palette);
  context.font = `${layout.fontSize}px ${fontFamily}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  drawTexts(context, placed, options);
  drawMarks(context, placed, palette);
  drawRanges(context, frame, options);
  drawPointers(context, placed, options);
  return moving.length > 0;
}

/** The cells of the layout that the frame has. */
function placedCells({ frame, layout, sinceMs }: CanvasOptions): readonly Placed[] {
  const rests = new Map<number, number>();
  const since = (index: number) => {
    const known = rests.get(index);
    if (known !== undefined) return known;
    const ms = sinceMs(index);
    rests.set(index, ms);
    return ms;
  };
  const placed: Placed[] = [];
  for (const box of layout.boxes) {
    const cell = frame.cells[box.position];
    if (!cell) continue;
    const { writtenAt } = cell;
    const durationMs = cell.isEdited ? editRestMs : commitRestMs;
    placed.push({ cell, box, rest: writtenAt === undefined ? 1 : restOf(since(writtenAt), durationMs) });
  }
  return placed;
}

/** Grounds of the same colour are filled as one path: to change the colour costs more than to fill. */
function drawGrounds(
  context: CanvasRenderingContext2D,
  placed: readonly Placed[],
  options: CanvasOptions,
): void {
  const { frame, palette, colorBy } = options;
  const grounds = new Map<string, Path2D>();
  const masks = new Path2D();
  for (const { cell, box } of placed) {
    if (cell.state === "mask") {
      masks.roundRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1, radius);
    } else if (cell.state === "committed" && !cell.isControl) {
      const color = groundOf(cell, frame, palette, colorBy);
      let path = grounds.get(color);
      if (!path) {
        path = new Path2D();
        grounds.set(color, path);
      }
      path.roundRect(box.x, box.y, box.width, box.height, radius);
    }
  }
  for (const [color, path] of grounds) {
    context.fillStyle = color;
    context.fill(path);
  }
  context.fillStyle = palette.mask;
  context.fill(masks);
  context.strokeStyle = palette.maskBorder;
  context.lineWidth = 1;
  context.stroke(masks);
}

/** A commit glows and fades into its ground; an edit glows longer and in a colour of its own. */
function drawFlashes(context: CanvasRenderingContext2D, moving: readonly Placed[], palette: Palette): void {
  for (const { cell, box, rest } of moving) {
    if (cell.state !== "committed") continue;
    const grow = 2 * (1 - rest);
    context.globalAlpha = (1 - rest) * (cell.isControl ? 0.35 : 0.85);
    context.fillStyle = cell.isEdited ? palette.edit : palette.flash;
    context.beginPath();
    context.roundRect(box.x - grow, box.y - grow, box.width + 2 * grow, box.height + 2 * grow, radius + grow);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** The sign of a control token. */
const controlText = "∙";

function drawTexts(
  context: CanvasRenderingContext2D,
  placed: readonly Placed[],
  { layout, palette, showsGuesses = true }: CanvasOptions,
): void {
  let color = "";
  const write = (text: string, { x, y, width, height }: CellBox, fill: string, alpha: number) => {
    if (fill !== color) context.fillStyle = fill;
    color = fill;
    context.globalAlpha = alpha;
    const room = width - 2 * padding;
    // A text that is wider than its cell, such as a long guess, is made narrower. To ask for that costs time, so short ones do not.
    const isTight = text.length * layout.fontSize * 0.55 > room;
    if (isTight) context.fillText(text, x + padding, y + height / 2 + 0.5, room);
    else context.fillText(text, x + padding, y + height / 2 + 0.5);
  };
  for (const { cell, box, rest } of placed) {
    if (cell.state === "mask") {
      if (!showsGuesses || !cell.guess) continue;
      const { text, confidence } = cell.guess;
      write(shownText(text), box, palette.guess, 0.3 + 0.6 * confidence);
    } else if (cell.isControl) write(controlText, box, palette.quiet, rest);
    else {
      const isQuiet = cell.state === "filled" || /^[\n\r\t]+$/.test(cell.text);
      const fill = isQuiet ? palette.quiet : cell.state === "given" ? palette.given : palette.text;
      write(shownText(cell.text), box, fill, 0.35 + 0.65 * rest);
    }
  }
  context.globalAlpha = 1;
}

/** Bars of guesses, corners of edited cells, and marks of computed ones where others came from the cache. */
function drawMarks(context: CanvasRenderingContext2D, placed: readonly Placed[], palette: Palette): void {
  context.fillStyle = palette.guessBar;
  for (const { cell, box } of placed) {
    if (cell.state !== "mask" || !cell.guess) continue;
    context.fillRect(box.x + 2, box.y + box.height - 4, (box.width - 4) * cell.guess.confidence, 2);
  }
  context.fillStyle = palette.edit;
  for (const { cell, box } of placed) {
    if (!cell.isEdited) continue;
    const right = box.x + box.width;
    context.beginPath();
    context.moveTo(right - 6, box.y);
    context.lineTo(right, box.y);
    context.lineTo(right, box.y + 6);
    context.fill();
  }
  if (placed.every(({ cell }) => cell.isRecomputed)) return;
  context.fillStyle = palette.recomputed;
  for (const { cell, box } of placed) {
    if (cell.isRecomputed) context.fillRect(box.x + box.width / 2 - 2, box.y + 1, 4, 2);
  }
}

/** The outlines of the block and, where it is not everything that is shown, of the window. */
function drawRanges(
  context: CanvasRenderingContext2D,
  { pass }: Frame,
  { layout, palette }: CanvasOptions,
): void {
  if (!pass) return;
  const first = layout.boxes[0]?.position ?? 0;
  const last = layout.boxes.at(-1)?.position ?? 0;
  const { window, block } = pass;
  if (window.start > first || window.end <= last) {
    context.setLineDash([3, 3]);
    stroke(context, layout, window, palette.window, 3);
    context.setLineDash([]);
  }
  if (!pass.isPrefill) stroke(context, layout, block, palette.block, 1.5);
}

function stroke(
  context: CanvasRenderingContext2D,
  layout: Layout,
  range: Range,
  color: string,
  margin: number,
): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  for (const corners of outlines(layout, range, margin)) {
    for (const [index, { x, y }] of corners.entries()) {
      if (index === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.closePath();
  }
  context.stroke();
}

function drawPointers(
  context: CanvasRenderingContext2D,
  placed: readonly Placed[],
  { palette, focus, selection }: CanvasOptions,
): void {
  context.lineWidth = 2;
  for (const { cell, box } of placed) {
    const isFocus = cell.position === focus;
    if (!isFocus && !selection?.has(cell.position)) continue;
    context.strokeStyle = isFocus ? palette.focus : palette.selection;
    context.beginPath();
    context.roundRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1, radius);
    context.stroke();
  }
}
