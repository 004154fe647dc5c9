import { expect, test } from "vitest";
import { failure } from "../../test/support/loopback.ts";
import { memoryHandle } from "../../test/support/memoryHandles.ts";
import { directoryHandle } from "./directoryHandle.ts";

async function folder(files: Readonly<Record<string, string>>): Promise<FileSystemDirectoryHandle> {
  const root = memoryHandle("llada");
  for (const [path, content] of Object.entries(files)) {
    const segments = path.split("/");
    let parent = root;
    for (const segment of segments.slice(0, -1)) {
      parent = await parent.getDirectoryHandle(segment, { create: true });
    }
    const writer = await (await parent.getFileHandle(segments.at(-1)!, { create: true })).createWritable();
    await writer.write(content);
    await writer.close();
  }
  return root;
}
const source = async () =>
  directoryHandle(
    await folder({ "config.json": "{}", ".hidden": "", "sub/data.bin": "012345", ".git/HEAD": "" }),
  );

test("names all files, also in folders, except hidden ones", async () => {
  expect(await (await source()).list()).toEqual(["config.json", "sub/data.bin"]);
});

test("reads ranges", async () => {
  const file = await (await source()).open("sub/data.bin");
  expect(file).toMatchObject({ name: "llada/sub/data.bin", size: 6 });
  expect(new TextDecoder().decode(await file.read(2, 3))).toBe("234");
  await expect(file.read(2, 5)).rejects.toEqual(failure("io", "must lie within its 6 bytes"));
});

test.each(["missing.json", "sub", "sub/missing", "config.json/x"])("has no file %s", async (name) => {
  await expect((await source()).open(name)).rejects.toEqual(failure("not-found", `'llada/${name}'`));
});

test("refuses names that lead out of the folder", async () => {
  await expect((await source()).open("../x")).rejects.toEqual(
    failure("invalid-file", "must be a relative path"),
  );
});

test("a folder without permission is an io error with its cause", async () => {
  const root = await folder({});
  const cause = new DOMException("not now", "NotAllowedError");
  Object.assign(root, {
    getFileHandle: () => Promise.reject(cause),
    entries: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(cause) }) }),
  });
  await expect(directoryHandle(root).open("x")).rejects.toMatchObject({ code: "io", cause });
  await expect(directoryHandle(root).list()).rejects.toMatchObject({ code: "io", cause });
});

test("stops when the caller aborts", async () => {
  const signal = AbortSignal.abort("enough");
  await expect((await source()).open("config.json", signal)).rejects.toMatchObject({ code: "aborted" });
  await expect((await source()).list(signal)).rejects.toMatchObject({ code: "aborted" });
});
