/** Downloads in a browser's private file system (OPFS). */
import { throwIfAborted } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import { GrowingOpfsFile } from "./growingOpfsFile.ts";
import { folderAt, ifHandle, onHandle, privateRoot } from "./handles.ts";
import { marker, readMarker, removeSegments, storedFile } from "./opfsSegments.ts";
import type { Store } from "./store.ts";

export interface OpfsCacheOptions {
  /** Its folder; `unmask` if absent. */
  readonly folder?: string;
  /** In place of the origin's private file system. */
  readonly root?: FileSystemDirectoryHandle;
  /** In place of the origin's locks, by which pages and workers take turns. */
  readonly locks?: Locks;
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request<Result>(
    name: string,
    options: { readonly signal?: AbortSignal },
    callback: () => Promise<Result>,
  ): Promise<Result>;
}

/** A cache of downloads in the browser; in Node and Deno there is `diskCache`. */
export function opfsCache({ folder = "unmask", root, locks }: OpfsCacheOptions = {}): Store {
  const segments = folder.split("/").filter((segment) => segment !== "");
  const top = async () => root ?? (await privateRoot());
  const name = `opfs/${segments.join("/")}`;
  const pathOf = (file: string) => {
    assertFileName(file, name);
    return [...segments, ...file.split("/")];
  };
  const existing = async (file: string) => {
    const path = pathOf(file);
    const start = await top();
    return ifHandle(`read '${name}/${file}'`, () => folderAt(start, path));
  };
  return {
    name,
    async open(file) {
      const path = `${name}/${file}`;
      const handle = await existing(file);
      return handle && ifHandle(`read '${path}'`, () => storedFile(handle, path));
    },
    async grow(file, signal) {
      const path = `${name}/${file}`;
      const segmentsOfFile = pathOf(file);
      const release = await hold(locks ?? navigator.locks, `unmask ${path}`, signal);
      try {
        return await onHandle(`write '${path}'`, async () =>
          GrowingOpfsFile.open(await folderAt(await top(), segmentsOfFile, true), path, release),
        );
      } catch (error) {
        release();
        throw error;
      }
    },
    async list() {
      const start = await top();
      const handle = await ifHandle(`list '${name}'`, () => folderAt(start, segments));
      return handle ? onHandle(`list '${name}'`, () => completeIn(handle, "")) : [];
    },
    async delete(file) {
      const handle = await existing(file);
      if (!handle) return;
      await ifHandle(`delete '${name}/${file}'`, async () => {
        const { generation } = await readMarker(handle);
        await handle.removeEntry(marker);
        await removeSegments(handle, (each) => each === generation);
      });
    },
  };
}

/** Waits for a lock, and returns what lets it go. */
function hold(locks: Locks, name: string, signal: AbortSignal | undefined): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = () => new Promise<void>((release) => resolve(release));
    locks.request(name, signal ? { signal } : {}, held).catch((cause) => {
      try {
        throwIfAborted(signal, `write '${name}'`);
        reject(cause);
      } catch (aborted) {
        reject(aborted);
      }
    });
  });
}

async function completeIn(folder: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind !== "directory") continue;
    const inner = entry as FileSystemDirectoryHandle;
    const isFile = await ifHandle(`list '${prefix}${name}'`, () => inner.getFileHandle(marker));
    if (isFile) names.push(prefix + name);
    else names.push(...(await completeIn(inner, `${prefix}${name}/`)));
  }
  return names.sort();
}
