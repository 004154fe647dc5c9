/** The outlines of the block, and of the window that the pass computed. */

import type { Range } from "../run/index.ts";
import type { Context2D } from "./context.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import { outlines } from "./outline.ts";
import { tracePolygon } from "./tracePolygon.ts";

type Context = Context2D;

/** The window is not outlined where it is the block, or everything that is shown. */
export function drawRanges(context: Context, { frame, layout, palette }: CanvasOptions): void {
  const { pass } = frame;
  if (!pass) return;
  const { window, block } = pass;
  const first = layout.boxes[0]?.position ?? 0;
  const last = layout.boxes.at(-1)?.position ?? 0;
  const isWhole = window.start <= first && window.end > last;
  const isBlock = !pass.isPrefill && window.start === block.start && window.end === block.end;
  const draw = (range: Range, color: string, margin: number) => {
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const corners of outlines(layout, range, margin)) tracePolygon(context, corners);
    context.stroke();
  };
  if (!isWhole && !isBlock) {
    context.setLineDash([4, 3]);
    draw(window, palette.window, 4);
    context.setLineDash([]);
  }
  if (!pass.isPrefill) draw(block, palette.block, 2.5);
}
