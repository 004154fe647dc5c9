import { expect, test } from "vitest";
import type { WeightEntry } from "../tensor/weight.ts";
import { loadWeights, type WeightSink } from "./load.ts";
import { divideReads, type FileSlice } from "./localFiles.ts";
import { planReads } from "./reads.ts";

const content = Uint8Array.from({ length: 64 }, (_, index) => index);
const reads: [number, number][] = [];
const source = (path?: string) => ({
  name: "file",
  size: content.length,
  ...(path !== undefined && { path }),
  read: async (offset: number, length: number) => {
    reads.push([offset, length]);
    return content.slice(offset, offset + length);
  },
});
const weights = (path?: string): WeightEntry[] => {
  const from = source(path);
  return ["a", "b", "c"].map((symbol, index) => ({
    symbol,
    shape: [2, 2],
    dtype: "f32",
    pieces: [{ source: from, offset: 16 * index, bytes: 16, dtype: "f32", tensor: symbol }],
  }));
};
const files = {
  takes: ({ entry }: FileSlice["slice"]) => entry.symbol !== "b",
  load: async () => {},
};

test("what a sink takes of a local file is not read, and what remains is read no wider than needed", () => {
  const divided = divideReads(planReads(weights("/weights")), files);
  expect([...divided.files]).toHaveLength(1);
  const own = divided.files.get("/weights")!;
  expect(own.map(({ slice, offset }) => [slice.entry.symbol, offset, slice.bytes])).toEqual([
    ["a", 0, 16],
    ["c", 32, 16],
  ]);
  expect(divided.reads.map(({ offset, bytes, slices }) => [offset, bytes, slices[0]!.start])).toEqual([
    [16, 16, 0],
  ]);
});

test("without a path, or with a sink that reads no files, all is read", () => {
  const planned = planReads(weights());
  expect(divideReads(planned, files)).toEqual({ files: new Map(), reads: planned });
  const local = planReads(weights("/weights"));
  expect(divideReads(local, undefined).reads).toBe(local);
});

test("progress counts both ways, and a failure of one stops the other", async () => {
  const written: string[] = [];
  const loaded: number[] = [];
  const sink: WeightSink = {
    write: ({ entry }) => written.push(entry.symbol),
    files: {
      ...files,
      load: async (_path, slices, { onLoaded }) => {
        for (const { slice } of slices) onLoaded(slice.bytes);
      },
    },
  };
  await loadWeights(weights("/weights"), sink, { onProgress: (bytes) => loaded.push(bytes) });
  expect(written).toEqual(["b"]);
  expect(loaded.toSorted((a, b) => a - b)).toEqual([0, 16, 32, 48]);

  let stopped = false;
  const failing: WeightSink = {
    write: () => {
      throw new Error("full");
    },
    files: {
      ...files,
      load: (_path, _slices, { signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener("abort", () => {
            stopped = true;
            reject(new Error("stopped"));
          });
        }),
    },
  };
  await expect(loadWeights(weights("/weights"), failing)).rejects.toThrow("full");
  expect(stopped).toBe(true);
});
