/** Marks on cells: a corner where a token was edited, and a line under each cell that the pass computed while others were cached. */
import { hasCached } from "./changes.ts";
import type { Context2D } from "./context.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import type { Placed } from "./placed.ts";

export function drawMarks(context: Context2D, placed: readonly Placed[], options: CanvasOptions): void {
  const corners = new Path2D();
  const lines = new Path2D();
  const { palette } = options;
  const isMarked = hasCached(options);
  for (const { cell, box } of placed) {
    const right = box.x + box.width;
    const bottom = box.y + box.height;
    if (cell.isEdited) {
      corners.moveTo(right - 7, box.y);
      corners.lineTo(right, box.y);
      corners.lineTo(right, box.y + 7);
    }
    if (isMarked && cell.isRecomputed) lines.rect(box.x + 1, bottom + 0.5, box.width - 2, 1.5);
  }
  context.fillStyle = palette.edit;
  context.fill(corners);
  if (!isMarked) return;
  context.fillStyle = palette.recomputed;
  context.fill(lines);
}
