/** What a pointer is on: the first point of the surface along the ray behind a point of the picture. */
import { mat4d } from "wgpu-matrix";
import { bevel, heightAt, type Matrix, type Point, transformed } from "./geometry.ts";
import type { Surface } from "./surfaceOf.ts";

/** In the units of the grid: what is at origin + t × direction, with t from 0 to 1. */
export interface Ray {
  readonly origin: Point;
  readonly direction: Point;
}

export interface Picked {
  readonly column: number;
  readonly row: number;
  /** The point, in the units of the grid. */
  readonly at: Point;
}

/** @param matrix from the units of the grid into the picture @param x @param y in the picture, from -1 to 1, upwards */
export function rayAt(matrix: Matrix, x: number, y: number): Ray {
  const inverse = mat4d.invert(matrix);
  const origin = transformed(inverse, [x, y, 0]);
  const end = transformed(inverse, [x, y, 1]);
  return { origin, direction: [end[0] - origin[0], end[1] - origin[1], end[2] - origin[2]] };
}

/**
 * Follows the ray from one line of the grid to the next. Between two lines the surface is smooth, so it is met where the
 * ray is above it at one end and below at the other.
 */
export function pick(surface: Surface, ray: Ray): Picked | undefined {
  if (surface.columns === 0 || surface.rows === 0) return undefined;
  const range = rangeInside(surface, ray);
  if (!range) return undefined;
  const above = (t: number) => {
    const [x, y, z] = pointAt(ray, t);
    return y - insideHeight(surface, x, z);
  };
  let before = range[0];
  // A ray that comes in below the surface has met a wall.
  if (above(before) <= 0) return pickedAt(surface, pointAt(ray, before));
  for (const t of crossings(surface, ray, range)) {
    if (above(t) <= 0) return pickedAt(surface, pointAt(ray, meeting(above, before, t)));
    before = t;
  }
  return undefined;
}

/** Where the ray is over the surface's ground, and not above or below all of it. */
function rangeInside(
  { columns, rows }: Surface,
  { origin, direction }: Ray,
): readonly [number, number] | undefined {
  const slabs = [
    [bevel, columns - bevel],
    // A little below the ground, so that a ray that reaches it is below the surface in spite of rounding.
    [-1e-6, 1],
    [0, Math.max(rows - 1, 1e-6)],
  ] as const;
  let [enter, leave] = [0, 1];
  for (const [axis, [low, high]] of slabs.entries()) {
    const [from, along] = [origin[axis]!, direction[axis]!];
    if (along === 0) {
      if (from < low || from > high) return undefined;
      continue;
    }
    const [a, b] = [(low - from) / along, (high - from) / along];
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter <= leave ? [enter, leave] : undefined;
}

/** Where the ray crosses edges of columns and rows, in order; the end of the range is the last. */
function crossings(
  { columns, rows }: Surface,
  { origin, direction }: Ray,
  [enter, leave]: readonly [number, number],
): readonly number[] {
  const at: number[] = [leave];
  const add = (axis: 0 | 2, line: number) => {
    const t = (line - origin[axis]) / direction[axis];
    if (t > enter && t < leave) at.push(t);
  };
  for (let column = 0; column < columns; column++) {
    add(0, column + bevel);
    add(0, column + 1 - bevel);
  }
  for (let row = 1; row < rows - 1; row++) add(2, row);
  return at.sort((a, b) => a - b);
}

/** By halving: the ray is above the surface before `from`, and below at `to`. */
function meeting(above: (t: number) => number, from: number, to: number): number {
  let [high, low] = [from, to];
  for (let round = 0; round < 40; round++) {
    const middle = (high + low) / 2;
    if (above(middle) > 0) high = middle;
    else low = middle;
  }
  return low;
}

/** The range's own ends can lie beside the surface by a rounding. */
function insideHeight(surface: Surface, x: number, z: number): number {
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(low, value), high);
  return heightAt(surface, clamp(x, bevel, surface.columns - bevel), clamp(z, 0, surface.rows - 1)) ?? 0;
}

function pointAt({ origin, direction }: Ray, t: number): Point {
  return [origin[0] + t * direction[0], origin[1] + t * direction[1], origin[2] + t * direction[2]];
}

function pickedAt({ columns, rows }: Surface, at: Point): Picked {
  const column = Math.min(Math.max(0, Math.floor(at[0])), columns - 1);
  const row = Math.min(Math.max(0, Math.round(at[2])), rows - 1);
  return { column, row, at };
}
