import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { directory } from "./directory.ts";

let outside: string;
let root: string;
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), "unmask-directory-"));
  root = join(outside, "model");
  await mkdir(join(root, "sub"), { recursive: true });
  await writeFile(join(root, "config.json"), "{}");
  await writeFile(join(root, "sub", "data.bin"), Uint8Array.of(0, 1, 2, 3, 4, 5));
});
afterEach(() => rm(outside, { recursive: true }));

const error = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });

describe("list", () => {
  test("names all files, also in folders and behind links, except hidden ones", async () => {
    await mkdir(join(root, ".git"));
    await writeFile(join(root, ".git", "HEAD"), "");
    await writeFile(join(root, ".gitattributes"), "");
    await writeFile(join(outside, "blob"), "");
    await symlink("../blob", join(root, "model.safetensors"));
    await symlink("../nowhere", join(root, "broken"));
    await symlink("..", join(root, "sub", "up"));
    expect(await directory(root).list()).toEqual(["config.json", "model.safetensors", "sub/data.bin"]);
  });

  test("fails for a path that is not a directory", async () => {
    const missing = join(root, "missing");
    await expect(directory(missing).list()).rejects.toEqual(
      error("not-found", `Cannot open the model in '${missing}' as there is no such directory`),
    );
    await expect(directory(join(root, "config.json")).list()).rejects.toEqual(
      error("not-found", "is not a directory"),
    );
  });
});

describe("open", () => {
  test("returns size and path", async () => {
    const path = join(root, "sub", "data.bin");
    expect(await directory(root).open("sub/data.bin")).toMatchObject({ name: path, path, size: 6 });
  });

  test("follows a link out of the directory, as in the cache of Hugging Face", async () => {
    await writeFile(join(outside, "blob"), "content");
    await symlink("../blob", join(root, "model.safetensors"));
    const file = await directory(root).open("model.safetensors");
    expect(new TextDecoder().decode(await file.read(0, 7))).toBe("content");
  });

  test.each(["../model/config.json", "/etc/passwd", "sub/../config.json", "sub\\data.bin"])(
    "refuses %s",
    async (name) => {
      await expect(directory(root).open(name)).rejects.toEqual(
        error("invalid-file", "must be a relative path"),
      );
    },
  );

  test.each(["missing.json", "missing/x.json", "config.json/x"])("does not find %s", async (name) => {
    await expect(directory(root).open(name)).rejects.toEqual(
      error("not-found", `'${join(root, name)}' as there is no`),
    );
  });

  test("refuses a folder", async () => {
    await expect(directory(root).open("sub")).rejects.toEqual(error("not-found", "as it is not a file"));
  });

  test("reports that the directory itself is missing", async () => {
    const missing = join(root, "missing");
    await expect(directory(missing).open("config.json")).rejects.toEqual(
      error("not-found", `'${missing}' as there is no such directory`),
    );
  });

  test("keeps the cause of any other failure", async () => {
    await expect(directory(root).open("x".repeat(300))).rejects.toMatchObject({
      code: "io",
      cause: { code: "ENAMETOOLONG" },
    });
  });
});

describe("read", () => {
  test("returns ranges", async () => {
    const file = await directory(root).open("sub/data.bin");
    expect([...(await file.read(0, 6))]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...(await file.read(4, 2))]).toEqual([4, 5]);
    expect([...(await file.read(6, 0))]).toEqual([]);
  });

  test("reads into a buffer, which may be memory that threads share", async () => {
    const file = await directory(root).open("sub/data.bin");
    for (const memory of [new ArrayBuffer(8), new SharedArrayBuffer(8)]) {
      const buffer = new Uint8Array(memory);
      expect([...(await file.read(2, 3, undefined, buffer))]).toEqual([2, 3, 4]);
      expect([...buffer]).toEqual([2, 3, 4, 0, 0, 0, 0, 0]);
    }
  });

  test.each([
    [0, 7],
    [-1, 2],
    [0, 1.5],
  ])("refuses the range at %d of %d bytes", async (offset, length) => {
    const file = await directory(root).open("sub/data.bin");
    await expect(file.read(offset, length)).rejects.toEqual(error("io", "range must lie within its 6 bytes"));
  });

  test("notices that the file became shorter", async () => {
    const file = await directory(root).open("sub/data.bin");
    await truncate(join(root, "sub", "data.bin"), 4);
    await expect(file.read(2, 4)).rejects.toEqual(error("io", "became shorter: found 2 of 4 bytes at 2"));
  });

  test("notices that the file was removed", async () => {
    const file = await directory(root).open("sub/data.bin");
    await rm(join(root, "sub", "data.bin"));
    await expect(file.read(0, 1)).rejects.toMatchObject({ code: "io", cause: { code: "ENOENT" } });
  });

  test("stops when the caller aborts", async () => {
    const signal = AbortSignal.abort("enough");
    const file = await directory(root).open("sub/data.bin");
    await expect(file.read(0, 1, signal)).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    await expect(directory(root).list(signal)).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  });

  test("leaves no descriptor open", async () => {
    const file = await directory(root).open("sub/data.bin");
    const descriptorFolder = process.platform === "linux" ? "/proc/self/fd" : "/dev/fd";
    const descriptors = async () => (await readdir(descriptorFolder)).length;
    const before = await descriptors();
    await Promise.all(Array.from({ length: 50 }, () => file.read(0, 6)));
    expect(await descriptors()).toBeLessThan(before + 25);
  });
});
