/** Draws a frame of a run on a canvas. */

import type { Frame } from "../run/index.ts";
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
  const { layout, fontFamily = defaultFontFamily } = options;
  const placed = placedCells(options);
  context.clearRect(0, 0, layout.width, layout.height);
  context.font = `${layout.fontSize}px ${fontFamily}`;
  drawGrounds(context, placed, options);
  drawFlashes(context, placed, options);
  drawTexts(context, placed, options);
  drawMarks(context, placed, options);
  drawPins(context, options);
  drawRanges(context, options);
  drawPointers(context, placed, options);
  return placed.some(({ rest }) => rest < 1);
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
