import { File } from "node:buffer";
import { expect, test } from "vitest";
import { blobs } from "./blobs.ts";

/** As a browser has it: `path` is from the chosen folder on, or empty. */
function chosen(name: string, path: string, content = "x"): globalThis.File {
  const file = new File([content], name) as unknown as globalThis.File;
  return Object.defineProperty(file, "webkitRelativePath", { value: path });
}

test("files of a chosen folder are named from within it", async () => {
  const source = blobs([
    chosen("config.json", "llada/config.json"),
    chosen("x.bin", "llada/sub/x.bin", "content"),
  ]);
  expect(await source.list()).toEqual(["config.json", "sub/x.bin"]);
  expect((await source.open("sub/x.bin")).size).toBe(7);
});

test("single files have their own names, also where there are no paths", async () => {
  const bare = new File(["x"], "tokenizer.json") as unknown as globalThis.File;
  expect(await blobs(new Set([chosen("config.json", ""), bare])).list()).toEqual([
    "config.json",
    "tokenizer.json",
  ]);
});

test("two files of one name are refused", () => {
  expect(() => blobs([chosen("config.json", ""), chosen("config.json", "")])).toThrow(
    expect.objectContaining({
      code: "invalid-request",
      message: expect.stringContaining('"config.json" twice'),
    }),
  );
});

test("a file that the browser cannot read any more is an io error with its cause", async () => {
  const cause = new Error("NotReadableError");
  const blob = new Blob(["content"]);
  Object.defineProperty(blob, "slice", { value: () => ({ arrayBuffer: () => Promise.reject(cause) }) });
  const file = await blobs({ "x.bin": blob }).open("x.bin");
  await expect(file.read(0, 7)).rejects.toMatchObject({ code: "io", cause });
});
