/** The cell at a point. */
import type { Layout } from "./layout.ts";

/** @returns the position of the cell at a point, in CSS pixels from the canvas's corner; undefined beside all cells */
export function cellAt({ lines, boxes }: Layout, x: number, y: number): number | undefined {
  const line = lines.findLast((each) => each.y <= y);
  if (!line) return undefined;
  for (let index = line.first; index < line.end; index++) {
    const box = boxes[index]!;
    if (y >= box.y + box.height) return undefined;
    // The gap behind a cell belongs to it, so that a pointer that moves along a line is always on a cell.
    const next = index + 1 < line.end ? boxes[index + 1] : undefined;
    if (x >= box.x && x < (next?.x ?? box.x + box.width)) return box.position;
  }
  return undefined;
}
