/**
 * A file that says who holds something: one process at a time, on one machine or several that share a disk. Node has no
 * lock of the operating system's, and a process that is killed leaves its file: the next one finds out, and takes it over.
 */
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { throwIfAborted } from "../core/error.ts";
import { ifThere, isCode, onDisk } from "./fileSystemError.ts";

const POLL_MS = 100;
const TOUCH_MS = 5000;
/** A holder that has not touched its file for so long is gone, wherever it ran. */
const STALE_MS = 60_000;
/** One that was killed between making its file and writing to it. */
const UNWRITTEN_MS = 2000;

let count = 0;

/**
 * Waits until nobody else holds the file, and holds it.
 * @returns lets it go
 * @throws DiffusionError `io`, `aborted`
 */
export async function lockFile(path: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  const holder = JSON.stringify({ pid: process.pid, host: hostname(), count: count++ });
  for (;;) {
    throwIfAborted(signal, `write '${path}'`);
    if (await create(path, holder)) break;
    if (await isStale(path)) await takeAway(path);
    // An abort ends the wait, and is thrown above.
    else await setTimeout(POLL_MS, undefined, signal ? { signal } : {}).catch(() => {});
  }
  const touching = setInterval(() => {
    const now = new Date();
    // Where the file is gone, somebody took it for left behind; nothing can be done about it here.
    utimes(path, now, now).catch(() => {});
  }, TOUCH_MS);
  touching.unref();
  return async () => {
    clearInterval(touching);
    if ((await contentOf(path)) === holder) await onDisk("write", path, () => rm(path, { force: true }));
  };
}

/** Whether the file was not there, and is now. */
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
  const stats = await ifThere("read", path, () => stat(path));
  if (content === undefined || !stats) return false;
  if (Date.now() - stats.mtimeMs > (content === "" ? UNWRITTEN_MS : STALE_MS)) return true;
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

/** Removes a stale file. Only one process may look and remove at a time: the file may be another's new one by then. */
async function takeAway(path: string): Promise<void> {
  const guard = `${path}.taking`;
  if (await create(guard, "")) {
    try {
      if (await isStale(path)) await onDisk("write", path, () => rm(path, { force: true }));
    } finally {
      await onDisk("write", guard, () => rm(guard, { force: true }));
    }
    return;
  }
  const stats = await ifThere("read", guard, () => stat(guard));
  if (stats && Date.now() - stats.mtimeMs > STALE_MS) {
    await onDisk("write", guard, () => rm(guard, { force: true }));
  } else {
    await setTimeout(POLL_MS);
  }
}

function contentOf(path: string): Promise<string | undefined> {
  return ifThere("read", path, () => readFile(path, "utf8"));
}
