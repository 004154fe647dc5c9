/** Draws a frame of a run on a canvas. */
import type { Frame } from "../run/index.ts";
import { drawFlashes, drawGrounds, radius } from "./drawGrounds.ts";
import { drawMarks } from "./drawMarks.ts";
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
  /** A CSS font family. */
  readonly fontFamily?: string;
}

export const defaultFontFamily =
  'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace';

/**
 * Draws in CSS pixels: the context's transform scales them, as `sizeCanvas` sets it.
 * @returns whether the picture still moves, and wants to be drawn again
 */
export function drawCanvas(context: CanvasRenderingContext2D, options: CanvasOptions): boolean {
  drawStill(context, options);
  return drawOver(context, options);
}

/** Clears the context, and draws what stays the same for as long as a frame is shown. */
export function drawStill(context: CanvasRenderingContext2D, options: CanvasOptions): void {
  const placed = begin(context, options);
  context.clearRect(0, 0, options.layout.width, options.layout.height);
  drawGrounds(context, placed, options);
  drawTexts(context, placed, options);
  drawMarks(context, placed, options);
}

/**
 * Draws what moves over it: flashes with their texts, ranges and pointers. On a canvas of its own over that of `drawStill`, clear
 * it first: then only this has to be drawn for each picture of a movement.
 * @returns whether the picture still moves, and wants to be drawn again
 */
export function drawOver(context: CanvasRenderingContext2D, options: CanvasOptions): boolean {
  const placed = begin(context, options);
  const moving = placed.filter(({ rest }) => rest < 1);
  drawFlashes(context, moving, options);
  drawTexts(context, moving, options);
  drawRanges(context, options);
  drawPointers(context, placed, options);
  return moving.length > 0;
}

function begin(context: CanvasRenderingContext2D, options: CanvasOptions): readonly Placed[] {
  context.font = `${options.layout.fontSize}px ${options.fontFamily ?? defaultFontFamily}`;
  return placedCells(options);
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
