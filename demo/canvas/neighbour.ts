/** Movement between cells by keyboard. */
import type { CellBox, Layout } from "./layout.ts";

export type Direction = "left" | "right" | "up" | "down" | "lineStart" | "lineEnd" | "first" | "last";

/** @returns the position that a key leads to; the same one at an edge, and the first cell from no cell */
export function neighbour(
  layout: Layout,
  position: number | undefined,
  direction: Direction,
): number | undefined {
  const { boxes, lines } = layout;
  const index = boxes.findIndex((box) => box.position === position);
  const box = boxes[index];
  if (!box) return boxes.at(direction === "last" ? -1 : 0)?.position;
  const line = lines[box.line]!;
  switch (direction) {
    case "left":
      return boxes[Math.max(0, index - 1)]!.position;
    case "right":
      return boxes[Math.min(boxes.length - 1, index + 1)]!.position;
    case "up":
      return closest(layout, box, box.line - 1);
    case "down":
      return closest(layout, box, box.line + 1);
    case "lineStart":
      return boxes[line.first]!.position;
    case "lineEnd":
      return boxes[line.end - 1]!.position;
    case "first":
      return boxes[0]!.position;
    case "last":
      return boxes.at(-1)!.position;
  }
}

/** The cell of a line whose middle is closest to that of a cell. */
function closest({ boxes, lines }: Layout, from: CellBox, index: number): number {
  const line = lines[index];
  if (!line || line.end === line.first) return from.position;
  const middle = ({ x, width }: CellBox) => x + width / 2;
  const distance = (box: CellBox) => Math.abs(middle(box) - middle(from));
  return boxes
    .slice(line.first, line.end)
    .reduce((best, box) => (distance(box) < distance(best) ? box : best)).position;
}
