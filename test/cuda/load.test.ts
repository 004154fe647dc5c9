/** Weights that go from a file to the device without JavaScript, on the host device. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Addon, loadAddon } from "../../src/backends/cuda/addon.ts";
import { cuda } from "../../src/backends/cuda/index.ts";
import { Engine, type LoadProgress, type ModelSource } from "../../src/core/index.ts";
import { directory } from "../../src/sources/directory.ts";
import { memory } from "../../src/sources/memory.ts";
import { filesOf, filesOnDisk } from "../support/surroundings.ts";

const size = 100_000;
const content = Uint8Array.from({ length: size }, (_, index) => (index * 37 + (index >> 8)) % 251);
/** Smaller than most ranges, so that each lane has several turns. */
const stagingBytes = 4096;
const folder = mkdtempSync(join(tmpdir(), "unmask-load-"));
const path = join(folder, "weights.bin");
let addon: Addon;
let handle: number;

beforeAll(async () => {
  writeFileSync(path, content);
  addon = loadAddon("host");
  const opening = addon.open(0);
  await opening.opened;
  handle = opening.handle;
});
afterAll(() => {
  addon.close(handle);
  rmSync(folder, { recursive: true });
});

const load = (
  ranges: readonly (readonly [offset: number, bytes: number, buffer: number, at: number])[],
  progress: (bytes: number) => void = () => {},
  file = path,
) => addon.load(handle, file, Float64Array.from(ranges.flat()), stagingBytes, progress);

test("ranges of a file, larger and smaller than a staging buffer", async () => {
  const [first, second] = [await addon.allocate(handle, size), await addon.allocate(handle, size)];
  const ranges = [
    [3, 50_001, first!, 7],
    [50_004, 11, second!, 0],
    [50_015, 4096, second!, 11],
    [70_000, 30_000, second!, 9_000],
  ] as const;
  const loaded: number[] = [];
  await load(ranges, (bytes) => loaded.push(bytes)).done;
  for (const [offset, bytes, buffer, at] of ranges) {
    const found = new Uint8Array(await addon.read(handle, [[buffer, at, bytes]]));
    expect(found).toEqual(content.subarray(offset, offset + bytes));
  }
  const total = ranges.reduce((sum, [, bytes]) => sum + bytes, 0);
  expect(loaded.reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
  expect(loaded.length).toBeGreaterThan(total / stagingBytes - 1);
  // What is beside the ranges stays.
  expect(new Uint8Array(await addon.read(handle, [[first!, 0, 7]]))).toEqual(new Uint8Array(7));
});

test("a load that is cancelled ends with its code, and the device goes on", async () => {
  // Much more than is read before the next statement.
  const large = join(folder, "large.bin");
  writeFileSync(large, "");
  truncateSync(large, 2 ** 28);
  const buffer = await addon.allocate(handle, 2 ** 28);
  const { load: id, done } = load([[0, 2 ** 28, buffer, 0]], undefined, large);
  addon.cancel(handle, id);
  await expect(done).rejects.toMatchObject({ code: "aborted" });
  await load([[0, 100, buffer, 0]]).done;
});

test("a file that is missing or too short", async () => {
  const buffer = await addon.allocate(handle, size);
  const missing = join(folder, "missing.bin");
  await expect(load([[0, 4, buffer, 0]], undefined, missing).done).rejects.toMatchObject({
    code: "io",
    message: `'${missing}': No such file or directory`,
  });
  const short = join(folder, "short.bin");
  writeFileSync(short, content);
  truncateSync(short, 5000);
  await expect(load([[0, 6000, buffer, 0]], undefined, short).done).rejects.toMatchObject({
    code: "io",
    message: `'${short}': it ends at 5000 bytes, before ${6000}`,
  });
  await addon.read(handle, [[buffer, 0, 4]]);
});

/** A source that counts the bytes that are read from its weights. */
function counted(source: ModelSource) {
  const counts = { read: 0, size: 0 };
  const open: ModelSource["open"] = async (name, signal) => {
    const file = await source.open(name, signal);
    if (!name.endsWith(".safetensors")) return file;
    counts.size = file.size;
    const read: typeof file.read = (offset, length, signal) => {
      counts.read += length;
      return file.read(offset, length, signal);
    };
    return { ...file, read };
  };
  return { counts, source: { ...source, open } };
}

test("a model in a folder is loaded by its path, and computes the same as one in memory", async () => {
  const source = filesOnDisk.model("llada2");
  const onDisk = counted(directory(source.name));
  const inMemory = counted(memory(await filesOf(source)));
  const tokensOf = async (model: ModelSource) => {
    const progress: LoadProgress[] = [];
    const engine = await Engine.load(model, {
      backend: cuda({ device: "host", activations: "f32" }),
      onProgress: (each) => progress.push(each),
    });
    expect(progress.some(({ loadedBytes, totalBytes }) => loadedBytes === totalBytes)).toBe(true);
    try {
      for await (const event of engine.generate({ tokens: [5, 6, 7], genLength: 16, blockLength: 8 }))
        if (event.type === "done") return event.canvas;
      throw new Error("No answer");
    } finally {
      await engine.dispose();
    }
  };
  expect(await tokensOf(onDisk.source)).toEqual(await tokensOf(inMemory.source));
  expect(inMemory.counts.read).toBeGreaterThan(0.9 * inMemory.counts.size);
  expect(onDisk.counts.read).toBeLessThan(0.2 * onDisk.counts.size);
});

test("a load that its signal ends", async () => {
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  const loading = Engine.load(filesOnDisk.model("llada2"), {
    backend: cuda({ device: "host", activations: "f32" }),
    signal: stop.signal,
  });
  await expect(loading).rejects.toMatchObject({ code: "aborted" });
});
