/**
 * The surface's shape. In the units of the grid a column is 1 wide, rows are 1 apart, and confidence 1 is 1 high. Each position is
 * flat between two edges, so that neighbours do not run into one another; between two frames its height goes evenly. Walls down
 * to the ground enclose the whole. `surface.wgsl` makes the same vertices of the same indices.
 */
import { mat4d, vec3d } from "wgpu-matrix";
import type { Surface } from "./surfaceOf.ts";

/** From a column's side to its edge. */
export const bevel = 0.14;

/** Of a surface's block in the world, whatever it has of columns and rows. */
export const worldSize = { width: 2, height: 0.42, depth: 1.3 } as const;

export type Size = Pick<Surface, "columns" | "rows">;

/** Two edges of each column, and the feet of the walls. */
export function vertexCounts({ columns, rows }: Size): { readonly across: number; readonly along: number } {
  return { across: 2 * columns + 2, along: rows + 2 };
}

/** A vertex by its indices, in the units of the grid. */
export function vertexAt(surface: Surface, across: number, along: number): Point {
  const last = vertexCounts(surface);
  const edge = clamp(across - 1, 2 * surface.columns - 1);
  const row = clamp(along - 1, surface.rows - 1);
  const column = edge >> 1;
  const x = column + (edge % 2 === 0 ? bevel : 1 - bevel);
  const isFoot = across === 0 || across === last.across - 1 || along === 0 || along === last.along - 1;
  return [x, isFoot ? 0 : surface.heights[row * surface.columns + column]!, row];
}

/** [x, y, z]. */
export type Point = readonly [number, number, number];

/** [4 × 4], column by column. */
export type Matrix = Float64Array;

/** From the units of the grid to those of the world: x to the right, y up, and later frames further away. */
export function gridScale({ columns, rows }: Size): Point {
  const { width, height, depth } = worldSize;
  return [width / Math.max(1, columns), height, -depth / Math.max(1, rows - 1)];
}

/** The block's middle is the world's origin. */
function modelMatrix(size: Size): Matrix {
  const { width, height, depth } = worldSize;
  const place = mat4d.translation([-width / 2, -height / 2, depth / 2]);
  return mat4d.scale(place, [...gridScale(size)]);
}

/** From the units of the grid into the picture. @param view from the world into the picture */
export function gridMatrix(size: Size, view: Matrix): Matrix {
  return mat4d.multiply(view, modelMatrix(size));
}

/** A point of the world in the units of the grid. */
export function inGrid(size: Size, world: Point): Point {
  return transformed(mat4d.invert(modelMatrix(size)), world);
}

/** A point under a matrix, with the division by its distance where the matrix is one of a picture. */
export function transformed(matrix: Matrix, point: Point): Point {
  const [x, y, z] = vec3d.transformMat4([...point], matrix);
  return [x!, y!, z!];
}

/** The height at a point of the ground; undefined beside the surface. */
export function heightAt(surface: Surface, x: number, z: number): number | undefined {
  const { columns, rows } = surface;
  if (!(x >= bevel && x <= columns - bevel && z >= 0 && z <= rows - 1)) return undefined;
  const row = Math.min(Math.floor(z), Math.max(0, rows - 2));
  const profile = (at: number) => profileAt(surface, x, Math.min(at, rows - 1));
  const [near, far] = [profile(row), profile(row + 1)];
  return near + (far - near) * (z - row);
}

/** The height along a row. */
function profileAt({ heights, columns }: Surface, x: number, row: number): number {
  const column = clamp(Math.floor(x), columns - 1);
  const within = x - column;
  const height = (at: number) => heights[row * columns + clamp(at, columns - 1)]!;
  if (within < bevel) return mix(height(column - 1), height(column), 0.5 + within / (2 * bevel));
  if (within > 1 - bevel) return mix(height(column), height(column + 1), (within - 1 + bevel) / (2 * bevel));
  return height(column);
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(0, value), max);
}
