/** Outlines as paths. */
import type { Context2D } from "./context.ts";
import type { Point } from "./outline.ts";

/** Adds a polygon with round corners to the path. */
export function tracePolygon(context: Context2D, corners: readonly Point[]): void {
  const last = corners.at(-1)!;
  const first = corners[0]!;
  context.moveTo((last.x + first.x) / 2, (last.y + first.y) / 2);
  for (const [index, corner] of corners.entries()) {
    const next = corners[(index + 1) % corners.length]!;
    const before = corners[(index + corners.length - 1) % corners.length]!;
    const room = Math.min(distance(before, corner), distance(corner, next)) / 2;
    context.arcTo(corner.x, corner.y, next.x, next.y, Math.min(5, room));
  }
  context.closePath();
}

/** Of neighbouring corners, which lie on one horizontal or vertical line. */
function distance(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}
