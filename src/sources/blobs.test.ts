import { File } from "node:buffer";
import { expect, test } from "vitest";
import { blobs } from "./blobs.ts";

/** A file as a browser provides it: `path` starts with the chosen folder, or is empty. */
function chosen(name: string, path: string, content = "x"): globalThis.File {
  const file = new File([content], name) as unknown as globalThis.File;
  return Object.defineProperty(file, "webkitRelativePath", { value: path });
}

test("files of a chosen folder have names relative to the folder", async () => {
  const source = blobs([
    chosen("config.json", "llada/config.json"),
    chosen("x.bin", "llada/sub/x.bin", "content"),
  ]);
  expect(await source.list()).toEqual(["config.json", "sub/x.bin"]);
  expect((await source.open("sub/x.bin")).size).toBe(7);
});

test("single files keep their own names, also without paths", async () => {
  const bare = new File(["x"], "tokenizer.json") as unknown as globalThis.File;
  expect(await blobs(new Set([chosen("config.json", ""), bare])).list()).toEqual([
    "config.json",
    "tokenizer.json",
  ]);
});

test("two files with the same name are refused", () => {
  expect(() => blobs([chosen("config.json", ""), chosen("config.json", "")])).toThrow(
    expect.objectContaining({
      code: "invalid-request",
      message: expect.stringContaining('"config.json" twice'),
    }),
  );
});

test("a file that the browser can no longer read is an io error with its cause", async () => {
  const cause = new Error("NotReadableError");
  const blob = new Blob(["content"]);
  Object.defineProperty(blob, "slice", { value: () => ({ arrayBuffer: () => Promise.reject(cause) }) });
  const file = await blobs({ "x.bin": blob }).open("x.bin");
  await expect(file.read(0, 7)).rejects.toMatchObject({ code: "io", cause });
});

test("reads a range into memory that is given, and by itself where Blobs cannot", async () => {
  const bytes = Uint8Array.from({ length: 2 ** 21 + 5 }, (_, index) => index % 251);
  const whole = new Blob([bytes]);
  const plain: Blob = Object.create(whole, {
    size: { value: whole.size },
    slice: { value: (start: number, end: number) => withoutByteReader(whole.slice(start, end)) },
  });
  for (const [blob, fills] of [
    [whole, true],
    [plain, false],
  ] as const) {
    const file = await blobs({ "x.bin": blob }).open("x.bin");
    const buffer = new Uint8Array(2 ** 22);
    for (const [offset, length] of [
      [3, 2 ** 21],
      [0, 7],
      [2 ** 21, 5],
      [4, 0],
    ] as const) {
      const found = await file.read(offset, length, undefined, buffer);
      expect(Buffer.compare(found, bytes.subarray(offset, offset + length))).toBe(0);
      if (length > 0) expect(found.buffer === buffer.buffer).toBe(fills);
    }
  }
});

function withoutByteReader(range: Blob): Pick<Blob, "size" | "stream" | "arrayBuffer"> {
  const stream = () => new ReadableStream<Uint8Array<ArrayBuffer>>();
  return { size: range.size, stream, arrayBuffer: () => range.arrayBuffer() };
}
