/** Outlines of a range of positions, as of selected text: along the left and right ends of each line. */
import type { Range } from "../run/index.ts";
import type { Layout } from "./layout.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Row {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * The corners of the outlines, clockwise; several where the lines of the range do not touch each other.
 * @param margin CSS pixels outside of the cells
 */
export function outlines(layout: Layout, range: Range, margin: number): readonly (readonly Point[])[] {
  const groups: Row[][] = [];
  for (const row of rowsOf(layout, range, margin)) {
    const above = groups.at(-1)?.at(-1);
    const touches =
      above &&
      row.left < above.right &&
      above.left < row.right &&
      row.top - above.bottom < layout.fontSize / 2;
    if (touches) groups.at(-1)!.push(row);
    else groups.push([row]);
  }
  return groups.map(cornersOf);
}

/** By line, the extent of the range's cells. */
function rowsOf({ lines, boxes }: Layout, { start, end }: Range, margin: number): readonly Row[] {
  return lines.flatMap((line): Row[] => {
    const cells = boxes
      .slice(line.first, line.end)
      .filter(({ position }) => position >= start && position < end);
    const first = cells[0];
    const last = cells.at(-1);
    if (!first || !last) return [];
    const left = first.x - margin;
    const right = last.x + last.width + margin;
    return [{ left, right, top: first.y - margin, bottom: first.y + first.height + margin }];
  });
}

function cornersOf(rows: readonly Row[]): readonly Point[] {
  // Where two lines meet, the outline turns in the middle between them.
  const meets = rows.slice(1).map((row, index) => (rows[index]!.bottom + row.top) / 2);
  const edges = rows.map(({ left, right, top, bottom }, index) => ({
    left,
    right,
    top: meets[index - 1] ?? top,
    bottom: meets[index] ?? bottom,
  }));
  const down = edges.flatMap(({ right, top, bottom }) => [
    { x: right, y: top },
    { x: right, y: bottom },
  ]);
  const up = edges.toReversed().flatMap(({ left, top, bottom }) => [
    { x: left, y: bottom },
    { x: left, y: top },
  ]);
  return [...down, ...up];
}
