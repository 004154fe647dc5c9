/** The cell at a point. */
import type { Layout } from "./layout.ts";

/** @returns the position of the cell at a point, in CSS pixels from the canvas's corner; undefined beside all cells */
export function cellAt({ lines, boxes, columnWidth }: Layout, x: number, y: number): number | undefined {
  const line = lines.findLast((each) => each.y <= y);
  if (!line) return undefined;
  for (let index = line.first; index < line.end; index++) {
    const box = boxes[index]!;
    if (y >= box.y + box.height) return undefined;
    // The gap behind a cell belongs to it, so that a pointer that moves along a line is always on a cell.
    const next = boxes[index + 1];
    const end = next?.line === box.line ? next.x : box.x + Math.max(box.width, columnWidth);
    if (x >= box.x && x < end) return box.position;
  }
  return undefined;
}
