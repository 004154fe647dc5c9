import { describe, expect, test } from "vitest";
import { safetensors } from "../../../test/support/safetensors.ts";
import { memory } from "../../sources/memory.ts";
import type { WeightEntry } from "../tensor/weight.ts";
import { openCheckpoint, WEIGHTS_FILE } from "./checkpoint.ts";
import { loadPieces } from "./load.ts";
import { resolveWeights } from "./resolve.ts";

const CHUNK_BYTES = 8 * 2 ** 20;

const joined = async (): Promise<WeightEntry> => {
  const bytes = safetensors([
    { name: "q", dtype: "bf16", shape: [2, 2], data: [1, 2, 3, 4] },
    { name: "k", dtype: "f32", shape: [3, 2], data: [5, 6, 7, 8, 9, 10] },
    { name: "v", dtype: "f16", shape: [1, 2], data: [11, 12] },
  ]);
  const parts = [
    { tensor: "q", shape: [2, 2] },
    { tensor: "k", shape: [3, 2], rows: { start: 1, end: 3 } },
    { tensor: "v", shape: [1, 2] },
  ];
  const checkpoint = await openCheckpoint(memory({ [WEIGHTS_FILE]: bytes }));
  return resolveWeights([{ symbol: "qkv", shape: [5, 2], parts }], checkpoint)[0]!;
};

test("pieces of several dtypes, one after the other", async () => {
  const out = new Float32Array(10).fill(Number.NaN);
  const progress: number[] = [];
  await loadPieces(await joined(), out, { onBytes: (bytes) => progress.push(bytes) });
  expect([...out]).toEqual([1, 2, 3, 4, 7, 8, 9, 10, 11, 12]);
  expect(progress).toEqual([8, 16, 4]);
});

describe("a piece larger than a chunk", () => {
  const count = CHUNK_BYTES / 2 + 3;
  /** bf16 whose element i is 1 + (i % 128) / 128, computed when read. */
  const large = (reads: [number, number][]): WeightEntry => {
    const read = async (offset: number, length: number) => {
      reads.push([offset, length]);
      return new Uint8Array(
        Uint16Array.from({ length: length / 2 }, (_, i) => 0x3f80 + (((offset - 6) / 2 + i) % 128)).buffer,
      );
    };
    const source = { name: "large", size: 6 + 2 * count, read };
    const pieces = [{ source, offset: 6, bytes: 2 * count, dtype: "bf16" as const, tensor: "w" }];
    return { symbol: "w", shape: [count], pieces };
  };

  test("is read in chunks", async () => {
    const reads: [number, number][] = [];
    const out = new Float32Array(count);
    await loadPieces(large(reads), out);
    expect(reads).toEqual([
      [6, CHUNK_BYTES],
      [6 + CHUNK_BYTES, 6],
    ]);
    for (let i = 0; i < count; i++) {
      if (out[i] !== 1 + (i % 128) / 128) throw new Error(`element ${i}: found ${out[i]}`);
    }
  });
});

/** Ten chunks, each of one element. */
function small(read: (offset: number, length: number) => Promise<Uint8Array>): WeightEntry {
  const source = { name: "small", size: 40, read };
  const piece = (index: number) => ({
    ...{ source, offset: 4 * index, bytes: 4, dtype: "f32" as const, tensor: "w" },
  });
  return { symbol: "w", shape: [10], pieces: Array.from({ length: 10 }, (_, index) => piece(index)) };
}

test("chunks are read a few at a time, and land where they belong, whichever comes first", async () => {
  let now = 0;
  let most = 0;
  const entry = small(async (offset) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, (offset * 7) % 12));
    now--;
    return new Uint8Array(Float32Array.of(offset).buffer);
  });
  const out = new Float32Array(10);
  await loadPieces(entry, out);
  expect([...out]).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36]);
  expect(most).toBe(4);
});

test("an abort ends the reading between chunks", async () => {
  let reads = 0;
  const controller = new AbortController();
  const entry = small(async () => {
    reads++;
    return new Uint8Array(4);
  });
  const loading = loadPieces(entry, new Float32Array(10), {
    signal: controller.signal,
    onBytes: () => controller.abort("enough"),
  });
  await expect(loading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  expect(reads).toBeLessThan(6);
});

test("a source that delivers too little is an error and no zeros", async () => {
  const source = { name: "short", size: 8, read: async () => new Uint8Array(4) };
  const pieces = [{ source, offset: 0, bytes: 8, dtype: "f32" as const, tensor: "w" }];
  const loading = loadPieces({ symbol: "w", shape: [2], pieces }, new Float32Array(2));
  await expect(loading).rejects.toMatchObject({ code: "io", message: expect.stringContaining("found 4") });
});

test.each([9, 11])("an array of %d for 10 elements is a bug", async (length) => {
  const loading = loadPieces(await joined(), new Float32Array(length));
  await expect(loading).rejects.toMatchObject({
    code: "internal",
    message: expect.stringContaining("found 10"),
  });
});
