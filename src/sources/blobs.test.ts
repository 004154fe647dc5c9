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
