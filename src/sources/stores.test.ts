/** Stores of downloads: on disk, and in an imitation of a browser's private file system. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { storeSuite } from "../../test/suites/stores.ts";
import { failure } from "../../test/support/loopback.ts";
import { memoryHandle, memoryLocks } from "../../test/support/memoryHandles.ts";
import { runSuite } from "../../test/support/vitest.ts";
import { cacheFolder, diskCache } from "./diskCache.ts";
import { opfs, opfsCache } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "unmask-stores-"));
afterAll(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, "store-"));

runSuite(storeSuite("disk", async () => diskCache(fresh())));
runSuite(
  storeSuite("OPFS", async () => opfsCache({ root: memoryHandle(), locks: memoryLocks(), folder: "a/b" })),
);

describe("on disk", () => {
  test("no lock and no part file is left behind", async () => {
    const folder = fresh();
    const growing = await diskCache(folder).grow("blobs/x");
    expect(readdirSync(join(folder, "blobs"))).toEqual(["x.lock", "x.part"]);
    await growing.commit();
    await growing.release();
    expect(readdirSync(join(folder, "blobs"))).toEqual(["x"]);
  });

  /** A folder with a lock file that another process left. */
  function lockedBy(content: object | string, ageMs = 0): string {
    const folder = fresh();
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, "x.lock");
    writeFileSync(lock, typeof content === "string" ? content : JSON.stringify(content));
    const time = (Date.now() - ageMs) / 1000;
    utimesSync(lock, time, time);
    return folder;
  }
  const ended = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
  const own = { pid: process.pid, host: hostname(), count: 0 };

  test.each([
    ["of a process that has ended", { ...own, pid: ended }, 0],
    ["of another machine that has not touched it for a minute", { ...own, host: "elsewhere" }, 61_000],
    ["of a process that ended before writing to it", "", 3000],
  ])("a lock %s is taken over", async (_, content, ageMs) => {
    const growing = await diskCache(lockedBy(content, ageMs)).grow("x", AbortSignal.timeout(5000));
    await growing.release();
  });

  test.each([
    ["a running process", own],
    ["another machine", { ...own, host: "elsewhere", pid: ended }],
  ])("a lock of %s is respected", async (_, content) => {
    const signal = AbortSignal.timeout(400);
    await expect(diskCache(lockedBy(content)).grow("x", signal)).rejects.toEqual(
      failure("aborted", "x.lock"),
    );
  });

  test("twenty callers that take over a stale lock hold it one after the other", async () => {
    const folder = lockedBy({ ...own, pid: ended });
    let holders = 0;
    const turns = Array.from({ length: 20 }, async () => {
      const growing = await diskCache(folder).grow("x");
      expect(++holders).toBe(1);
      await growing.append(Uint8Array.of(1));
      holders--;
      await growing.release();
    });
    await Promise.all(turns);
    const last = await diskCache(folder).grow("x");
    expect(last.size).toBe(20);
    await last.release();
  });

  test("a folder without permission to write is an io error with its cause", async () => {
    const folder = fresh();
    writeFileSync(join(folder, "blobs"), "a file");
    await expect(diskCache(folder).grow("blobs/x")).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("Cannot write"),
      cause: { code: "EEXIST" },
    });
  });

  test("the default folder is the platform's, unless the environment sets another", () => {
    const home = homedir();
    expect(cacheFolder({ UNMASK_CACHE: "/c", XDG_CACHE_HOME: "/x" }, "linux")).toBe("/c");
    expect(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux")).toBe("/x/unmask");
    expect(cacheFolder({}, "linux")).toBe(join(home, ".cache/unmask"));
    expect(cacheFolder({}, "darwin")).toBe(join(home, "Library/Caches/unmask"));
    expect(cacheFolder({ LOCALAPPDATA: "/l" }, "win32")).toBe("/l/unmask/Cache");
  });
});

describe("in OPFS", () => {
  test("a page that is closed while it writes leaves its closed segments", async () => {
    const handle = memoryHandle();
    const segment = new Uint8Array(16 * 2 ** 20).fill(7);
    const closedPage = await opfsCache({ root: handle, locks: memoryLocks() }).grow("x");
    await closedPage.append(segment);
    await closedPage.append(segment.subarray(0, 1000));
    // The locks of a page end with the page.
    const store = opfsCache({ root: handle, locks: memoryLocks() });
    const growing = await store.grow("x");
    expect(growing.size).toBe(segment.length);
    await growing.append(Uint8Array.of(1));
    await growing.commit();
    expect((await store.open("x"))!.size).toBe(segment.length + 1);
  });

  test("a browser without createWritable is refused", async () => {
    const handle = memoryHandle();
    const growing = await opfsCache({ root: handle, locks: memoryLocks() }).grow("x");
    const folder = await (await handle.getDirectoryHandle("unmask")).getDirectoryHandle("x");
    Object.assign(folder, { getFileHandle: async () => ({ kind: "file" }) });
    await expect(growing.append(Uint8Array.of(1))).rejects.toEqual(failure("unsupported", "createWritable"));
  });

  test("OPFS is refused outside browsers", async () => {
    await expect(opfs("x").list()).rejects.toEqual(failure("unsupported", "private file system"));
    await expect(opfsCache().open("x")).rejects.toEqual(failure("unsupported", "private file system"));
  });
});
