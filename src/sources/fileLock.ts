/**
 * A lock file, held by one process at a time, on one machine or on several that share a disk. Node offers no file locks of
 * the operating system. A killed process leaves its lock file behind; the next process detects that and takes over.
 */
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { throwIfAborted } from "../core/error.ts";
import { isCode, onDisk, onDiskIfExists } from "./fileSystemError.ts";

const pollMs = 100;
const touchMs = 5000;
/** The age after which an untouched lock file is stale, whatever machine it was made on. */
const staleMs = 60_000;
/** The same for an empty file, whose process was killed between creating and writing it. */
const emptyStaleMs = 2000;

let count = 0;

/**
 * Acquires the lock, and waits while another process holds it.
 * @returns a function that releases the lock
 * @throws DiffusionError `io`, `aborted`
 */
export async function lockFile(path: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  const holder = JSON.stringify({ pid: process.pid, host: hostname(), count: count++ });
  for (;;) {
    throwIfAborted(signal, `write '${path}'`);
    if (await create(path, holder)) break;
    if (await isStale(path)) await removeStale(path);
    // An abort ends this wait; the check above then throws.
    else await setTimeout(pollMs, undefined, signal ? { signal } : {}).catch(() => {});
  }
  const touching = setInterval(() => {
    const now = new Date();
    // A missing file means that another process took over a seemingly stale lock. Nothing can be done about that here.
    utimes(path, now, now).catch(() => {});
  }, touchMs);
  touching.unref();
  return async () => {
    clearInterval(touching);
    if ((await contentOf(path)) === holder) await onDisk("write", path, () => rm(path, { force: true }));
  };
}

/** Creates the file; returns false if it existed already. */
async function create(path: string, content: string): Promise<boolean> {
  return onDisk("write", path, async () => {
    try {
      const handle = await open(path, "wx");
      await handle.writeFile(content).finally(() => handle.close());
      return true;
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw error;
    }
  });
}

async function isStale(path: string): Promise<boolean> {
  const content = await contentOf(path);
  const stats = await onDiskIfExists("read", path, () => stat(path));
  if (content === undefined || !stats) return false;
  if (Date.now() - stats.mtimeMs > (content === "" ? emptyStaleMs : staleMs)) return true;
  const [, pid, host] = /^\{"pid":(\d+),"host":"(.*)","count":\d+\}$/.exec(content) ?? [];
  return host === hostname() && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, "ESRCH");
  }
}

/** Removes a stale file. A guard file makes check and removal one step: another process may replace the file in between. */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.taking`;
  if (await create(guard, "")) {
    try {
      if (await isStale(path)) await onDisk("write", path, () => rm(path, { force: true }));
    } finally {
      await onDisk("write", guard, () => rm(guard, { force: true }));
    }
    return;
  }
  const stats = await onDiskIfExists("read", guard, () => stat(guard));
  if (stats && Date.now() - stats.mtimeMs > staleMs) {
    await onDisk("write", guard, () => rm(guard, { force: true }));
  } else {
    await setTimeout(pollMs);
  }
}

function contentOf(path: string): Promise<string | undefined> {
  return onDiskIfExists("read", path, () => readFile(path, "utf8"));
}
