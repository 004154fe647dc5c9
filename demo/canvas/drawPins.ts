/** Outlines around tokens of the answer that are pinned, one for each run of them. */

import type { Cell, Range } from "../run/index.ts";
import type { Context2D } from "./context.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import { outlines } from "./outline.ts";
import { tracePolygon } from "./tracePolygon.ts";

/** What stands behind the end of an answer is not shown as pinned. */
export function isPinned({ state, isPrompt, isControl }: Cell): boolean {
  return state === "given" && !isPrompt && !isControl;
}

export function drawPins(
  context: Context2D,
  { frame, layout, palette }: Pick<CanvasOptions, "frame" | "layout" | "palette">,
): void {
  context.strokeStyle = palette.pin;
  context.lineWidth = 1;
  context.beginPath();
  for (const range of pinnedRanges(frame.cells)) {
    for (const corners of outlines(layout, range, 0.5)) tracePolygon(context, corners);
  }
  context.stroke();
}

function pinnedRanges(cells: readonly Cell[]): readonly Range[] {
  const ranges: Range[] = [];
  let start: number | undefined;
  for (const cell of cells) {
    if (isPinned(cell)) start ??= cell.position;
    else if (start !== undefined) {
      ranges.push({ start, end: cell.position });
      start = undefined;
    }
  }
  return start === undefined ? ranges : [...ranges, { start, end: cells.length }];
}
