/** A store of downloads in a folder on disk. Needs Node or Deno, so the folder's index does not export it. */
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { assertFileName } from "../core/weights/fileName.ts";
import { directory } from "./directory.ts";
import { lockFile } from "./fileLock.ts";
import { onDisk, onDiskIfExists } from "./fileSystemError.ts";
import { readHandle } from "./readHandle.ts";
import type { GrowingFile, Store, StoredFile, StoreEntry } from "./store.ts";

const partSuffix = ".part";
const lockSuffix = ".lock";

/**
 * A cache of downloads on disk. Several processes may use it at a time, and its files are ordinary files.
 * @param path the folder; by default `UNMASK_CACHE`, else `unmask` in the platform's cache folder
 */
export function diskCache(path: string = cacheFolder()): Store {
  const root = resolve(path);
  const files = directory(root);
  const pathOf = (name: string) => {
    assertFileName(name, root);
    return join(root, name);
  };
  /** Of complete files, and of growing ones with their suffix. */
  const names = async () => {
    if (!(await onDiskIfExists("read", root, () => stat(root)))) return [];
    return (await files.list()).filter((name) => !/\.(lock|taking)$/.test(name));
  };
  return {
    name: root,
    async open(name) {
      const filePath = pathOf(name);
      const stats = await onDiskIfExists("read", filePath, () => stat(filePath));
      return stats?.isFile() ? storedFile(filePath, stats.mtimeMs, await files.open(name)) : undefined;
    },
    async grow(name, signal) {
      const filePath = pathOf(name);
      await onDisk("write", filePath, () => mkdir(dirname(filePath), { recursive: true }));
      const unlock = await lockFile(filePath + lockSuffix, signal);
      try {
        return await GrowingDiskFile.open(filePath, unlock);
      } catch (error) {
        await unlock();
        throw error;
      }
    },
    async list() {
      return (await names()).filter((name) => !name.endsWith(partSuffix));
    },
    async entries() {
      const found = (await names()).map(async (name): Promise<readonly StoreEntry[]> => {
        const filePath = join(root, name);
        const stats = await onDiskIfExists("read", filePath, () => stat(filePath));
        const isComplete = !name.endsWith(partSuffix);
        if (!stats || (!isComplete && stats.size === 0)) return [];
        const of = isComplete ? name : name.slice(0, -partSuffix.length);
        return [{ name: of, bytes: stats.size, isComplete }];
      });
      return (await Promise.all(found)).flat();
    },
    async delete(name) {
      const filePath = pathOf(name);
      await onDisk("write", filePath, () => rm(filePath, { force: true }));
    },
  };
}

function storedFile(path: string, mtimeMs: number, file: Omit<StoredFile, "stamp">): StoredFile {
  const read: StoredFile["read"] = (...range) => file.read(...range);
  return { name: file.name, path, size: file.size, stamp: `${file.size} bytes at ${mtimeMs}`, read };
}

class GrowingDiskFile implements GrowingFile {
  readonly #path: string;
  readonly #unlock: () => Promise<void>;
  #handle: FileHandle | undefined;
  #size: number;

  static async open(path: string, unlock: () => Promise<void>): Promise<GrowingDiskFile> {
    const part = path + partSuffix;
    return onDisk("write", part, async () => {
      // Not "a": each write goes to its own offset, even if two processes should ever hold the file.
      const handle = await open(part, (await onDiskIfExists("read", part, () => stat(part))) ? "r+" : "w+");
      return new GrowingDiskFile(path, unlock, handle, (await handle.stat()).size);
    });
  }

  private constructor(path: string, unlock: () => Promise<void>, handle: FileHandle, size: number) {
    this.#path = path;
    this.#unlock = unlock;
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#use("read", async (handle) => {
      const bytes = await readHandle(handle, offset, length);
      if (bytes.length < length) throw new Error(`${bytes.length} of ${length} bytes at ${offset}`);
      return bytes;
    });
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#use("write", async (handle) => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, this.#size);
        done += bytesWritten;
        this.#size += bytesWritten;
      }
    });
  }

  /** Creates a new file, as another process may have committed the old one by now. */
  async clear(): Promise<void> {
    const part = this.#path + partSuffix;
    await this.#close();
    this.#handle = await onDisk("write", part, async () => {
      await rm(part, { force: true });
      return open(part, "w+");
    });
    this.#size = 0;
  }

  async commit(): Promise<void> {
    // Without this a power cut could leave the committed name without its bytes.
    await this.#use("write", (handle) => handle.sync());
    await this.#close();
    await onDisk("write", this.#path, () => rename(this.#path + partSuffix, this.#path));
  }

  async release(): Promise<void> {
    await this.#close();
    await this.#unlock();
  }

  #use<Result>(action: "read" | "write", work: (handle: FileHandle) => Promise<Result>): Promise<Result> {
    return onDisk(action, this.#path + partSuffix, () => {
      if (!this.#handle) throw new Error("it is closed");
      return work(this.#handle);
    });
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/**
 * The default folder of the cache.
 * @param env the environment with `UNMASK_CACHE`, `XDG_CACHE_HOME` and `LOCALAPPDATA`
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  const chosen = env["UNMASK_CACHE"];
  if (chosen) return chosen;
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "unmask");
  if (platform === "win32") {
    return join(env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local"), "unmask", "Cache");
  }
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "unmask");
}
