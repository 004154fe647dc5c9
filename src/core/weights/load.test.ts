import { expect, test } from "vitest";
import { safetensors } from "../../../test/support/safetensors.ts";
import { memory } from "../../sources/memory.ts";
import type { WeightLoadOptions } from "../tensor/backend.ts";
import { elementCount } from "../tensor/dtype.ts";
import type { WeightEntry } from "../tensor/weight.ts";
import { openCheckpoint, weightsFile } from "./checkpoint.ts";
import { toF32 } from "./convert.ts";
import { loadWeights, type WeightSink } from "./load.ts";
import { resolveWeights } from "./resolve.ts";
import type { ByteSource } from "./source.ts";

const readBytes = 8 * 2 ** 20;

/** A sink that keeps weights as f32, by symbol; elements that nobody writes stay NaN. */
function arrays(entries: readonly WeightEntry[]): WeightSink & { values: Map<string, Float32Array> } {
  const values = new Map(
    entries.map(({ symbol, shape }) => [symbol, new Float32Array(elementCount(shape)).fill(Number.NaN)]),
  );
  return {
    values,
    write: ({ entry, element, dtype }, bytes) => toF32(bytes, dtype, values.get(entry.symbol)!, element),
  };
}

async function loaded(entries: readonly WeightEntry[], options?: WeightLoadOptions) {
  const sink = arrays(entries);
  await loadWeights(entries, sink, options);
  return sink.values;
}

test("pieces of several dtypes fill a weight one after the other, and all of them come with one read", async () => {
  const bytes = safetensors([
    { name: "q", dtype: "bf16", shape: [2, 2], data: [1, 2, 3, 4] },
    { name: "k", dtype: "f32", shape: [3, 2], data: [5, 6, 7, 8, 9, 10] },
    { name: "v", dtype: "f16", shape: [1, 2], data: [11, 12] },
  ]);
  const parts = [
    { tensor: "v", shape: [1, 2] },
    { tensor: "k", shape: [3, 2], rows: { start: 1, end: 3 } },
    { tensor: "q", shape: [2, 2] },
  ];
  const checkpoint = await openCheckpoint(memory({ [weightsFile]: bytes }));
  const entries = resolveWeights([{ symbol: "qkv", shape: [5, 2], parts }], checkpoint);
  const progress: [number, number][] = [];
  const values = await loaded(entries, { onProgress: (...bytes) => progress.push(bytes) });
  expect([...values.get("qkv")!]).toEqual([11, 12, 7, 8, 9, 10, 1, 2, 3, 4]);
  expect(progress).toEqual([
    [0, 28],
    [28, 28],
  ]);
});

test("a piece larger than a range is read in several", async () => {
  const count = readBytes / 2 + 3;
  const reads: [number, number][] = [];
  /** bf16 whose element i is 1 + (i % 128) / 128, computed when read. */
  const read = async (offset: number, length: number) => {
    reads.push([offset, length]);
    return new Uint8Array(
      Uint16Array.from({ length: length / 2 }, (_, i) => 0x3f80 + (((offset - 6) / 2 + i) % 128)).buffer,
    );
  };
  const source = { name: "large", size: 6 + 2 * count, read };
  const pieces = [{ source, offset: 6, bytes: 2 * count, dtype: "bf16" as const, tensor: "w" }];
  const values = (await loaded([{ symbol: "w", shape: [count], dtype: "f32", pieces }])).get("w")!;
  expect(reads).toEqual([
    [6, readBytes],
    [6 + readBytes, 6],
  ]);
  expect(values.findIndex((value, i) => value !== 1 + (i % 128) / 128)).toBe(-1);
});

/** Ten weights of one element, so far apart in their source that each is a read of its own. */
const apart = 2 ** 17;
function far(read: ByteSource["read"]): readonly WeightEntry[] {
  const source = { name: "far", size: 10 * apart, read };
  return Array.from({ length: 10 }, (_, index) => {
    const piece = { source, offset: apart * index, bytes: 4, dtype: "f32" as const, tensor: `w${index}` };
    return { symbol: `w${index}`, shape: [1], dtype: "f32", pieces: [piece] };
  });
}

test("ranges are read a few at a time, and land where they belong, whichever comes first", async () => {
  let now = 0;
  let most = 0;
  const entries = far(async (offset) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, ((offset / apart) * 7) % 12));
    now--;
    return new Uint8Array(Float32Array.of(offset).buffer);
  });
  const values = await loaded(entries);
  expect([...values.values()].map(([value]) => value! / apart)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(4);
});

test("an abort ends the reading between ranges", async () => {
  let reads = 0;
  const controller = new AbortController();
  const entries = far(async () => {
    reads++;
    return new Uint8Array(4);
  });
  const onProgress = (bytes: number) => bytes > 0 && controller.abort("enough");
  const loading = loaded(entries, { signal: controller.signal, onProgress });
  await expect(loading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  expect(reads).toBeLessThan(6);
});

test("nothing is written after a failure, whatever is still under way", async () => {
  const entries = far(async (offset) => {
    if (offset === 0) throw new Error("broken");
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Uint8Array(4);
  });
  const sink = arrays(entries);
  await expect(loadWeights(entries, sink)).rejects.toThrow("broken");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([...sink.values.values()].every(([value]) => Number.isNaN(value))).toBe(true);
});

test("a sink that is not ready holds up what is read for it", async () => {
  const entries = far(async () => new Uint8Array(4));
  const order: string[] = [];
  const sink: WeightSink = {
    write: () => order.push("write"),
    ready: async () => void order.push("ready"),
  };
  await loadWeights(entries, sink);
  expect(order.filter((each) => each === "ready")).toHaveLength(10);
  order.forEach((_, index) => {
    const before = order.slice(0, index + 1);
    const count = (what: string) => before.filter((each) => each === what).length;
    expect(count("write")).toBeLessThanOrEqual(count("ready"));
  });
});

test("a sink's own memory is read into again and again, whether a source uses it or not", async () => {
  const given = new Set<Uint8Array | undefined>();
  const read = async (offset: number, _length: number, _signal?: AbortSignal, buffer?: Uint8Array) => {
    given.add(buffer);
    const bytes = new Uint8Array(Float32Array.of(offset).buffer);
    await new Promise((resolve) => setTimeout(resolve, ((offset / apart) * 7) % 12));
    if (!buffer || offset % (2 * apart) === 0) return bytes;
    buffer.set(bytes);
    return buffer.subarray(0, bytes.length);
  };
  const entries = far(read);
  const sink = arrays(entries);
  const made: Uint8Array[] = [];
  const buffer = (bytes: number) => {
    made.push(new Uint8Array(bytes));
    return made.at(-1)!;
  };
  await loadWeights(entries, { ...sink, buffer });
  expect([...sink.values.values()].map(([value]) => value! / apart)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(made).toHaveLength(4);
  expect(given).toEqual(new Set(made));
});

test("a source that delivers too little is an error and no zeros", async () => {
  const source = { name: "short", size: 8, read: async () => new Uint8Array(4) };
  const pieces = [{ source, offset: 0, bytes: 8, dtype: "f32" as const, tensor: "w" }];
  const loading = loaded([{ symbol: "w", shape: [2], dtype: "f32", pieces }]);
  await expect(loading).rejects.toMatchObject({ code: "io", message: expect.stringContaining("found 4") });
});
