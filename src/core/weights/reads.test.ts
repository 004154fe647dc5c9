/** Neighbours in a file are read together, whichever weights they belong to, and nothing is read that is not wanted. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dtypeBytes, dtypeElements, elementCount } from "../tensor/dtype.ts";
import type { WeightEntry, WeightPiece } from "../tensor/weight.ts";
import { planReads } from "./reads.ts";
import type { ByteSource } from "./source.ts";

const megabyte = 2 ** 20;
const source = (name = "file"): ByteSource => ({
  name,
  size: Number.MAX_SAFE_INTEGER,
  read: async () => new Uint8Array(),
});
const piece = (file: ByteSource, offset: number, bytes: number): WeightPiece => ({
  source: file,
  offset,
  bytes,
  dtype: "bf16",
  tensor: `at ${offset}`,
});

test("a mixture's experts, whose matrices belong to three weights in turn, come with as few reads as their bytes take", () => {
  const file = source();
  const [layers, experts, inner, rows] = [4, 64, 256, 64];
  const matrixBytes = 2 * inner * rows;
  let end = 100;
  const entries: WeightEntry[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const pieces: WeightPiece[][] = [[], [], []];
    for (let expert = 0; expert < experts; expert++) {
      for (const each of pieces) {
        each.push(piece(file, end, matrixBytes));
        end += matrixBytes;
      }
    }
    for (const [index, each] of pieces.entries())
      entries.push({
        symbol: `${layer}.${index}`,
        shape: [experts, rows, inner],
        dtype: "bf16",
        pieces: each,
      });
  }
  const reads = planReads(entries);
  expect(entries.flatMap(({ pieces }) => pieces)).toHaveLength(768);
  expect(reads.length).toBeLessThanOrEqual(Math.ceil((end - 100) / (8 * megabyte)) + 1);
  expect(reads.every(({ bytes }) => bytes <= 8 * megabyte)).toBe(true);
});

describe("what lies between", () => {
  const file = source();
  const at = (offset: number, symbol: string): WeightEntry => ({
    symbol,
    shape: [4],
    dtype: "f32",
    pieces: [piece(file, offset, 8)],
  });

  test("a few kilobytes that nobody wants are read along, a megabyte is not", () => {
    const reads = planReads([at(0, "a"), at(2000, "b"), at(megabyte, "c")]);
    expect(reads.map(({ offset, bytes }) => [offset, bytes])).toEqual([
      [0, 2008],
      [megabyte, 8],
    ]);
  });

  test("files are never joined, and one that two weights share is read once", () => {
    const other = { symbol: "d", shape: [4], dtype: "f32" as const, pieces: [piece(source("other"), 8, 8)] };
    const reads = planReads([at(0, "a"), other, at(0, "b"), at(8, "c")]);
    expect(reads.map((read) => [read.source.name, read.offset, read.bytes])).toEqual([
      ["file", 0, 16],
      ["other", 8, 8],
    ]);
  });
});

test("whatever the layout: each element comes once, rows are never parted, no range is larger than allowed", () => {
  const limits = { readBytes: 64, gapBytes: 6 };
  const dtypes = ["bf16", "f32"] as const;
  const shapes = fc.array(
    fc.record({
      inner: fc.integer({ min: 1, max: 12 }),
      rows: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 }),
      dtype: fc.constantFrom(...dtypes),
      vector: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const layouts = fc.tuple(shapes, fc.array(fc.nat(), { maxLength: 24 }), fc.array(fc.nat({ max: 12 })));
  fc.assert(
    fc.property(layouts, ([weights, order, gaps]) => {
      const file = source();
      const all = weights.flatMap(({ rows }, weight) =>
        rows.map((count, index) => ({ weight, index, count })),
      );
      // In the file the pieces lie in another order, with gaps.
      const laid = all.map((each, i) => ({ ...each, key: order[i % Math.max(1, order.length)] ?? 0 }));
      laid.sort((a, b) => a.key - b.key);
      const offsets = new Map<string, number>();
      let end = 3;
      laid.forEach(({ weight, index, count }, i) => {
        end += gaps[i % Math.max(1, gaps.length)] ?? 0;
        offsets.set(`${weight} ${index}`, end);
        const { inner, dtype } = weights[weight]!;
        end += dtypeBytes(dtype, count * inner);
      });
      const entries = weights.map(({ inner, rows, dtype, vector }, weight): WeightEntry => {
        const total = rows.reduce((sum, count) => sum + count, 0);
        const pieces = rows.map((count, index) => ({
          ...piece(file, offsets.get(`${weight} ${index}`)!, dtypeBytes(dtype, count * inner)),
          dtype,
        }));
        return { symbol: `${weight}`, dtype, shape: vector ? [total * inner] : [total, inner], pieces };
      });
      const written = new Map(entries.map((entry) => [entry, new Uint8Array(elementCount(entry.shape))]));
      let before = -1;
      for (const { offset, bytes, slices } of planReads(entries, limits)) {
        expect(offset).toBeGreaterThan(before);
        expect(bytes).toBeLessThanOrEqual(limits.readBytes);
        expect(slices.length).toBeGreaterThan(0);
        before = offset;
        for (const { entry, element, dtype, start, bytes: length } of slices) {
          const unit = entry.shape.length > 1 ? entry.shape.at(-1)! : 1;
          const count = dtypeElements(dtype, length);
          expect([element % unit, count % unit, start >= 0, start + length <= bytes]).toEqual([
            0,
            0,
            true,
            true,
          ]);
          // The bytes are those of the piece that holds these elements.
          let first = 0;
          const holder = entry.pieces.find((each) => {
            first += dtypeElements(dtype, each.bytes);
            return element < first;
          })!;
          const within = element - (first - dtypeElements(dtype, holder.bytes));
          expect(offset + start).toBe(holder.offset + dtypeBytes(dtype, within));
          for (let i = element; i < element + count; i++) written.get(entry)![i]!++;
        }
      }
      for (const counts of written.values()) expect(counts.every((count) => count === 1)).toBe(true);
    }),
  );
});

test.each([9, 11])("pieces of 10 elements for a shape of %d are a bug", (length) => {
  const entry = { symbol: "w", shape: [length], dtype: "f32" as const, pieces: [piece(source(), 0, 20)] };
  expect(() => planReads([entry])).toThrow(`must fill ${length} elements: found 10`);
});

test("a piece that ends within a row is a bug", () => {
  const pieces = [piece(source(), 0, 10), piece(source(), 10, 6)];
  expect(() => planReads([{ symbol: "w", shape: [2, 4], dtype: "bf16", pieces }])).toThrow(
    "ends within a row",
  );
});
