/** The cells that a layout has a place for, and how far each has come to rest. */
import type { Cell } from "../run/index.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import type { CellBox } from "./layout.ts";
import { commitRestMs, editRestMs, restOf } from "./rest.ts";

export interface Placed {
  readonly cell: Cell;
  readonly box: CellBox;
  /** From 0 at the write to 1 at rest. */
  readonly rest: number;
}

export function placedCells({ frame, layout, sinceMs }: CanvasOptions): readonly Placed[] {
  const known = new Map<number, number>();
  const since = (index: number) => {
    const ms = known.get(index) ?? sinceMs(index);
    known.set(index, ms);
    return ms;
  };
  const placed: Placed[] = [];
  for (const box of layout.boxes) {
    const cell = frame.cells[box.position];
    if (!cell) continue;
    const durationMs = cell.isEdited ? editRestMs : commitRestMs;
    const rest = cell.writtenAt === undefined ? 1 : restOf(since(cell.writtenAt), durationMs);
    placed.push({ cell, box, rest });
  }
  return placed;
}
