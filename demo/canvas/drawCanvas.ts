/** Draws a frame of a run on a canvas. */

import type { Frame } from "../run/index.ts";
import { changedCells } from "./changes.ts";
import type { Context2D } from "./context.ts";
import { drawFlashes, drawGrounds, radius } from "./drawGrounds.ts";
import { drawMarks } from "./drawMarks.ts";
import { drawPins } from "./drawPins.ts";
import { drawRanges } from "./drawRanges.ts";
import { drawTexts } from "./drawTexts.ts";
import type { ColorBy } from "./groundOf.ts";
import type { Layout } from "./layout.ts";
import type { Palette } from "./palette.ts";
import { type Placed, placedCells } from "./placed.ts";

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
  /** Whether masks are outlined as those that the next run fills. */
  readonly isDraft?: boolean;
  /** A CSS font family. */
  readonly fontFamily?: string;
}

export const defaultFontFamily =
  'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace';

/**
 * Draws in CSS pixels: the context's transform scales them, as `sizeCanvas` sets it.
 * @returns whether the picture still moves, and wants to be drawn again
 */
export function drawCanvas(context: Context2D, options: CanvasOptions): boolean {
  drawStill(context, options);
  return drawOver(context, options);
}

/**
 * Draws what stays the same for as long as a frame is shown.
 * @param before what the context shows, if it does; cells that look the same are left as they are
 */
export function drawStill(context: Context2D, options: CanvasOptions, before?: CanvasOptions): void {
  const placed = begin(context, options);
  const changed = changedCells(placed, options, before);
  if (changed) for (const each of changed) clearCell(context, each);
  else context.clearRect(0, 0, options.layout.width, options.layout.height);
  const drawn = changed ?? placed;
  drawGrounds(context, drawn, options);
  drawTexts(context, drawn, options);
  drawMarks(context, drawn, options);
}

/** Up to the middle of the gap to its neighbours, and with its mark below. The prompt's cells touch each other. */
function clearCell(context: Context2D, { cell, box }: Placed): void {
  const beside = cell.isPrompt ? 0 : 1;
  context.clearRect(box.x - beside, box.y - 1, box.width + 2 * beside, box.height + 4);
}

/**
 * Draws what moves over it: flashes with their texts, ranges and pointers. On a canvas of its own over that of `drawStill`, clear
 * it first: then only this has to be drawn for each picture of a movement.
 * @returns whether the picture still moves, and wants to be drawn again
 */
export function drawOver(context: Context2D, options: CanvasOptions): boolean {
  const placed = begin(context, options);
  const moving = placed.filter(({ rest }) => rest < 1);
  drawFlashes(context, moving, options);
  drawTexts(context, moving, options);
  drawPins(context, options);
  drawRanges(context, options);
  drawPointers(context, placed, options);
  return moving.length > 0;
}

function begin(context: Context2D, options: CanvasOptions): readonly Placed[] {
  context.font = `${options.layout.fontSize}px ${options.fontFamily ?? defaultFontFamily}`;
  return placedCells(options);
}

function drawPointers(
  context: Context2D,
  placed: readonly Placed[],
  { palette, focus, selection }: CanvasOptions,
): void {
  context.lineWidth = 2;
  for (const { cell, box } of placed) {
    const isFocus = cell.position === focus;
    const isSelected = selection?.has(cell.position) ?? false;
    if (!isFocus && !isSelected) continue;
    if (isSelected) {
      context.globalAlpha = 0.2;
      context.fillStyle = palette.selection;
      context.fillRect(box.x, box.y, box.width, box.height);
      context.globalAlpha = 1;
    }
    context.strokeStyle = isFocus ? palette.focus : palette.selection;
    context.beginPath();
    context.roundRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1, radius);
    context.stroke();
  }
}
