import { describe, expect, test } from "vitest";
import type { ModelSource } from "../core/weights/source.ts";
import { blobs } from "./blobs.ts";
import { memory } from "./memory.ts";

const error = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });

const sources: [string, (files: Record<string, Uint8Array<ArrayBuffer> | string>) => ModelSource][] = [
  ["memory", (files) => memory(files)],
  [
    "blobs",
    (files) =>
      blobs(Object.fromEntries(Object.entries(files).map(([name, data]) => [name, new Blob([data])]))),
  ],
];

describe.each(sources)("%s", (kind, make) => {
  const source = make({ "config.json": '{"é":1}', "sub/data.bin": Uint8Array.of(0, 1, 2, 3, 4, 5) });

  test("lists names", async () => {
    expect(await source.list()).toEqual(["config.json", "sub/data.bin"]);
  });

  test("reads ranges", async () => {
    const file = await source.open("sub/data.bin");
    expect(file).toMatchObject({ name: `${kind}/sub/data.bin`, size: 6 });
    expect(file.path).toBeUndefined();
    expect([...(await file.read(0, 6))]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...(await file.read(4, 2))]).toEqual([4, 5]);
    expect([...(await file.read(6, 0))]).toEqual([]);
  });

  test("counts a string's UTF-8 bytes", async () => {
    const file = await source.open("config.json");
    expect(file.size).toBe(8);
    expect(new TextDecoder().decode(await file.read(0, 8))).toBe('{"é":1}');
  });

  test("returns a copy of its bytes", async () => {
    const file = await source.open("sub/data.bin");
    (await file.read(0, 6)).fill(9);
    expect([...(await file.read(0, 2))]).toEqual([0, 1]);
  });

  test.each([
    [0, 7],
    [6, 1],
    [-1, 2],
    [0, -1],
    [0.5, 1],
    [Number.NaN, 1],
    [2 ** 53, 2 ** 53],
  ])("refuses the range at %d of %d bytes", async (offset, length) => {
    const file = await source.open("sub/data.bin");
    await expect(file.read(offset, length)).rejects.toEqual(error("io", "range must lie within its 6 bytes"));
  });

  test.each(["missing.json", "sub", "constructor", "__proto__"])("has no file %s", async (name) => {
    await expect(source.open(name)).rejects.toEqual(
      error("not-found", `Cannot open "${name}" as '${kind}' has no`),
    );
  });

  test("refuses names that lead out of the source", async () => {
    await expect(source.open("../config.json")).rejects.toEqual(
      error("invalid-file", 'found "../config.json"'),
    );
    expect(() => make({ "../x": "" })).toThrow(error("invalid-file", 'found "../x"'));
  });

  test("stops when the caller aborts", async () => {
    const signal = AbortSignal.abort("enough");
    const aborted = { code: "aborted", cause: "enough" };
    const file = await source.open("sub/data.bin");
    await expect(file.read(0, 1, signal)).rejects.toMatchObject(aborted);
    await expect(source.open("config.json", signal)).rejects.toMatchObject(aborted);
    await expect(source.list(signal)).rejects.toMatchObject(aborted);
  });
});
