import { describe, expect, test } from "vitest";
import {
  assumedBusyWorkgroups,
  largeTile,
  maxSplitRows,
  narrowTile,
  partsBytes,
  productChoice,
  productChunk,
  productParts,
  squareTile,
} from "./products.ts";

const gpu = { busyWorkgroups: assumedBusyWorkgroups };
const plain = { busyWorkgroups: 0 };
const shape = (outFeatures: number, inFeatures: number) => ({ outFeatures, inFeatures });

test("tiles are what 64 lanes with 4 x 4 or 8 x 8 sums each make", () => {
  for (const { m, n } of [narrowTile, squareTile]) expect([m * n, m % 4, n % 4]).toEqual([64 * 16, 0, 0]);
  expect(largeTile.m * largeTile.n).toBe(64 * 64);
});

describe("the chunks of a product", () => {
  test.each([
    [2048, 2048, 8, 256],
    [4096, 4096, 4, 1024],
    [4096, 12288, 4, 3072],
    [24576, 4096, 1, 4096],
    [6144, 2048, 3, 704],
    [126464, 4096, 1, 4096],
    [64, 100, 1, 100],
  ])("%i rows of %i columns: %i chunks of %i", (outFeatures, inFeatures, parts, chunk) => {
    expect(productChunk(shape(outFeatures, inFeatures), gpu)).toBe(chunk);
    expect(productParts(shape(outFeatures, inFeatures), gpu)).toBe(parts);
    expect(productParts(shape(outFeatures, inFeatures), plain)).toBe(1);
  });

  test("32 rows of a 2048-wide layer have the workgroups that keep a large GPU busy", () => {
    const { tile, split } = productChoice(32, shape(2048, 2048), gpu);
    expect(split).toBe(true);
    expect((2048 / tile.n) * productParts(shape(2048, 2048), gpu)).toBe(assumedBusyWorkgroups);
  });

  test("cover all columns, whatever the shape", () => {
    for (let inFeatures = 1; inFeatures < 5000; inFeatures += 37) {
      const own = shape(96, inFeatures);
      const chunk = productChunk(own, gpu);
      const parts = productParts(own, gpu);
      expect(chunk * parts).toBeGreaterThanOrEqual(inFeatures);
      expect(chunk * (parts - 1)).toBeLessThan(inFeatures);
      if (parts > 1) expect(chunk % 64).toBe(0);
    }
  });
});

describe("the tile of a product", () => {
  test.each([
    [1, shape(2048, 2048), narrowTile, true],
    [16, shape(24576, 4096), narrowTile, false],
    [32, shape(24576, 4096), squareTile, false],
    [maxSplitRows, shape(4096, 4096), squareTile, true],
    [128, shape(2048, 2048), squareTile, false],
    [128, shape(12288, 4096), largeTile, false],
    [1024, shape(2048, 2048), largeTile, false],
  ])("of %i rows with %j", (rows, weight, tile, split) => {
    expect(productChoice(rows, weight, gpu)).toEqual({ tile, split });
  });

  test("is neither split nor large on a device without such kernels", () => {
    for (const rows of [1, 17, 64, 4096]) {
      const tile = rows <= 16 ? narrowTile : squareTile;
      expect(productChoice(rows, shape(4096, 4096), plain)).toEqual({ tile, split: false });
    }
  });
});

test("memory for parts: for the rows that are split, and none without parts", () => {
  expect(partsBytes(32, shape(2048, 2048), gpu)).toBe(4 * 8 * 32 * 2048);
  expect(partsBytes(5000, shape(2048, 2048), gpu)).toBe(4 * 8 * maxSplitRows * 2048);
  expect(partsBytes(5000, shape(2048, 2048), plain)).toBe(0);
});
