/** The place that is pointed at, and how keys move it. */
import type { Size } from "./geometry.ts";

export interface Place {
  readonly column: number;
  readonly row: number;
}

/** Columns and rows; later passes are further away. */
const ways: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** @returns undefined for a key that moves no place; the first key points at the middle */
export function placeMovedByKey(
  place: Place | undefined,
  key: string,
  { columns, rows }: Size,
): Place | undefined {
  const way = ways[key];
  if (!way || columns === 0 || rows === 0) return undefined;
  if (!place) return { column: columns >> 1, row: rows >> 1 };
  return {
    column: Math.min(Math.max(0, place.column + way[0]), columns - 1),
    row: Math.min(Math.max(0, place.row + way[1]), rows - 1),
  };
}
