import fc from "fast-check";
import { expect, test } from "vitest";
import { initialCamera, movedByKey, turned, viewProjection, zoomed } from "./camera.ts";
import {
  bevel,
  gridMatrix,
  heightAt,
  inGrid,
  type Matrix,
  type Point,
  transformed,
  vertexAt,
  vertexCounts,
} from "./geometry.ts";
import { labelsOf, ticksUpTo } from "./labels.ts";
import { pick, rayAt } from "./pick.ts";
import { placeMovedByKey } from "./place.ts";
import type { Surface } from "./surfaceOf.ts";

const anySurface = fc
  .record({ columns: fc.integer({ min: 1, max: 24 }), rows: fc.integer({ min: 2, max: 12 }) })
  .chain(({ columns, rows }) =>
    fc
      .array(fc.double({ min: 0.05, max: 1, noNaN: true }), {
        minLength: columns * rows,
        maxLength: columns * rows,
      })
      .map((heights): Surface => {
        const size = columns * rows;
        return {
          columns,
          rows,
          start: 0,
          confidences: new Float64Array(size),
          heights: Float32Array.from(heights),
          kinds: new Uint8Array(size),
          writtenAt: new Uint32Array(size),
        };
      }),
  );
const anyCamera = fc.record({
  azimuth: fc.double({ min: -4, max: 4, noNaN: true }),
  elevation: fc.double({ min: 0.1, max: 1.5, noNaN: true }),
  zoom: fc.double({ min: 0.8, max: 3, noNaN: true }),
});
const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
const aspect = 1.6;

/** Picks where a point of the grid is in the picture. */
function pickPoint(surface: Surface, matrix: Matrix, at: Point) {
  const [x, y, depth] = transformed(matrix, at);
  const picked = pick(surface, rayAt(matrix, x, y));
  return { picked, depth, pickedDepth: picked && transformed(matrix, picked.at)[2] };
}

/** Straight down, without perspective: nothing is hidden. */
function fromAbove({ columns, rows }: Surface): Matrix {
  return Float64Array.of(2 / columns, 0, 0, 0, 0, 0, -0.5, 0, 0, 2 / rows, 0, 0, -1, -1, 0.9, 1);
}

test("from above, each cell's middle is picked where it is in the picture, at its height", () => {
  fc.assert(
    fc.property(anySurface, anyShare, anyShare, (surface, across, along) => {
      const column = Math.min(surface.columns - 1, Math.floor(across * surface.columns));
      const row = Math.min(surface.rows - 1, Math.floor(along * surface.rows));
      const height = surface.heights[row * surface.columns + column]!;
      const { picked } = pickPoint(surface, fromAbove(surface), [
        column + 0.5,
        height,
        Math.min(Math.max(row, 1e-3), surface.rows - 1.001),
      ]);
      expect(picked).toMatchObject({ column, row });
      expect(picked!.at[1]).toBeCloseTo(height, 2);
    }),
  );
});

test("from anywhere, a vertex is picked, or something in front of it", () => {
  fc.assert(
    fc.property(anySurface, anyCamera, anyShare, anyShare, (surface, camera, across, along) => {
      const counts = vertexCounts(surface);
      const vertex = vertexAt(
        surface,
        1 + Math.floor(across * (counts.across - 3)),
        1 + Math.floor(along * (counts.along - 3)),
      );
      // A rounding beside the edge of the whole surface, so that the ray meets it.
      const inside = [
        Math.min(Math.max(vertex[0], bevel + 1e-4), surface.columns - bevel - 1e-4),
        vertex[1],
        Math.min(Math.max(vertex[2], 1e-4), surface.rows - 1 - 1e-4),
      ] as const;
      // A little below the surface, so that a ray that grazes it does not miss it.
      const below = [inside[0], heightAt(surface, inside[0], inside[2])! - 5e-3, inside[2]] as const;
      const { picked, depth, pickedDepth } = pickPoint(
        surface,
        gridMatrix(surface, viewProjection(camera, aspect)),
        below,
      );
      expect(picked).toBeDefined();
      expect(pickedDepth!).toBeLessThanOrEqual(depth);
      const isVertex = Math.hypot(...below.map((each, axis) => each - picked!.at[axis]!)) < 0.1;
      if (isVertex) expect([picked!.column, picked!.row]).toEqual([Math.floor(vertex[0]), vertex[2]]);
    }),
  );
});

test("what is picked lies on the surface or on a wall", () => {
  fc.assert(
    fc.property(anySurface, anyCamera, anyShare, anyShare, (surface, camera, x, y) => {
      const matrix = gridMatrix(surface, viewProjection(camera, aspect));
      const picked = pick(surface, rayAt(matrix, 2 * x - 1, 2 * y - 1));
      if (!picked) return;
      const [atX, atY, atZ] = picked.at;
      const isAtWall =
        Math.min(atX - bevel, surface.columns - bevel - atX, atZ, surface.rows - 1 - atZ) < 1e-6;
      const height = heightAt(
        surface,
        Math.min(Math.max(atX, bevel), surface.columns - bevel),
        Math.min(Math.max(atZ, 0), surface.rows - 1),
      )!;
      if (isAtWall) expect(atY).toBeLessThanOrEqual(height + 1e-6);
      else expect(atY).toBeCloseTo(height, 5);
    }),
  );
});

test("beside the surface nothing is picked, and of nothing nothing", () => {
  const empty = {
    columns: 0,
    rows: 0,
    start: 0,
    confidences: new Float64Array(),
    heights: new Float32Array(),
  };
  const surface: Surface = { ...empty, kinds: new Uint8Array(), writtenAt: new Uint32Array() };
  const matrix = viewProjection(initialCamera, aspect);
  expect(pick(surface, rayAt(matrix, 0, 0))).toBeUndefined();
  const flat: Surface = { ...surface, columns: 4, rows: 3, heights: new Float32Array(12) };
  expect(pick(flat, rayAt(gridMatrix(flat, matrix), 0.98, 0.98))).toBeUndefined();
  expect(pick(flat, rayAt(gridMatrix(flat, matrix), 0, 0))).toBeDefined();
});

test("vertices: two edges to a position, and feet on the ground all around", () => {
  fc.assert(
    fc.property(anySurface, (surface) => {
      const { across, along } = vertexCounts(surface);
      expect([across, along]).toEqual([2 * surface.columns + 2, surface.rows + 2]);
      for (let k = 0; k < across; k++) {
        for (let l = 0; l < along; l++) {
          const [x, y, z] = vertexAt(surface, k, l);
          const isFoot = k === 0 || l === 0 || k === across - 1 || l === along - 1;
          if (isFoot) expect(y).toBe(0);
          else expect(y).toBeCloseTo(heightAt(surface, x, z)!, 5);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("the camera shows the whole block, and keeps to its bounds", () => {
  const size = { columns: 128, rows: 30 };
  for (const wide of [0.8, 1.3, 2.4]) {
    const matrix = gridMatrix(size, viewProjection(initialCamera, wide));
    for (const x of [0, size.columns])
      for (const y of [0, 1])
        for (const z of [0, size.rows - 1]) {
          const [left, top] = transformed(matrix, [x, y, z]);
          expect(Math.max(Math.abs(left), Math.abs(top))).toBeLessThan(1);
        }
  }
  expect(turned(initialCamera, 0, 9).elevation).toBeLessThan(Math.PI / 2);
  expect(turned(initialCamera, 0, -9).elevation).toBeGreaterThan(0);
  expect(zoomed(initialCamera, 1e9).zoom).toBe(zoomed(initialCamera, 1e8).zoom);
  expect(movedByKey(initialCamera, "ArrowUp")!.elevation).toBeGreaterThan(initialCamera.elevation);
  expect(movedByKey(initialCamera, "+")!.zoom).toBeGreaterThan(1);
  expect(movedByKey({ azimuth: 3, elevation: 1, zoom: 2 }, "Home")).toEqual(initialCamera);
  expect(movedByKey(initialCamera, "a")).toBeUndefined();
  expect(inGrid(size, [-1, -0.21, 0.65]).map((each) => Math.abs(Math.round(1e6 * each)))).toEqual([0, 0, 0]);
});

test("keys move the place that is pointed at, up to the surface's edges", () => {
  const size = { columns: 4, rows: 3 };
  const moved = (place: Parameters<typeof placeMovedByKey>[0], key: string) =>
    placeMovedByKey(place, key, size);
  expect(moved(undefined, "ArrowLeft")).toEqual({ column: 2, row: 1 });
  expect(moved({ column: 1, row: 1 }, "ArrowRight")).toEqual({ column: 2, row: 1 });
  expect(moved({ column: 1, row: 1 }, "ArrowUp")).toEqual({ column: 1, row: 2 });
  expect(moved({ column: 0, row: 0 }, "ArrowLeft")).toEqual({ column: 0, row: 0 });
  expect(moved({ column: 3, row: 2 }, "ArrowUp")).toEqual({ column: 3, row: 2 });
  expect(moved(undefined, "Home")).toBeUndefined();
  expect(placeMovedByKey(undefined, "ArrowUp", { columns: 0, rows: 0 })).toBeUndefined();
});

test("labels stand at the edges that face the camera", () => {
  const size = { columns: 100, rows: 11 };
  const title = (azimuth: number, text: string) =>
    labelsOf(size, { azimuth }).find((label) => label.text === text)!;
  expect(title(0.3, "position").at[2]).toBeLessThan(0);
  expect(title(0.3 + Math.PI, "position").at[2]).toBeGreaterThan(10);
  expect(title(0.3, "pass").at[0]).toBeGreaterThan(100);
  expect(title(-0.3, "pass").at[0]).toBeLessThan(0);
  expect(labelsOf(size, { azimuth: 0 }, 280).length).toBeLessThan(labelsOf(size, { azimuth: 0 }, 800).length);
  expect(ticksUpTo(127, 7)).toEqual([0, 20, 40, 60, 80, 100, 120]);
  expect(ticksUpTo(3, 4)).toEqual([0, 1, 2, 3]);
  expect(labelsOf({ columns: 4, rows: 1 }, { azimuth: 0 })).toEqual([]);
});
