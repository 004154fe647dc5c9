/** A store of downloads in a browser's origin private file system (OPFS). */
import { throwIfAborted } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import { GrowingOpfsFile } from "./growingOpfsFile.ts";
import { folderAt, onHandle, onHandleIfExists, privateRoot } from "./handles.ts";
import { marker, readMarker, removeSegments, segmentSizes, storedFile, sum } from "./opfsSegments.ts";
import type { Store, StoreEntry } from "./store.ts";

export interface OpfsCacheOptions {
  /** The folder in OPFS. Default: `unmask`. */
  readonly folder?: string;
  /** Replaces the root of OPFS. */
  readonly root?: FileSystemDirectoryHandle;
  /** Replaces `navigator.locks`, with which pages and workers exclude each other. */
  readonly locks?: Locks;
}

/** The used part of `navigator.locks`. */
export interface Locks {
  request<Result>(
    name: string,
    options: { readonly signal?: AbortSignal },
    callback: () => Promise<Result>,
  ): Promise<Result>;
}

/** A cache of downloads in the browser. For Node and Deno there is `diskCache`. */
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
    return onHandleIfExists(`read '${name}/${file}'`, () => folderAt(start, path));
  };
  const entries = async () => {
    const start = await top();
    const handle = await onHandleIfExists(`list '${name}'`, () => folderAt(start, segments));
    return handle ? onHandle(`list '${name}'`, () => entriesBelow(handle, "")) : [];
  };
  return {
    name,
    async open(file) {
      const path = `${name}/${file}`;
      const handle = await existing(file);
      return handle && onHandleIfExists(`read '${path}'`, () => storedFile(handle, path));
    },
    async grow(file, signal) {
      const path = `${name}/${file}`;
      const segmentsOfFile = pathOf(file);
      const release = await acquireLock(locks ?? navigator.locks, `unmask ${path}`, signal);
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
      return (await entries()).filter(({ isComplete }) => isComplete).map((entry) => entry.name);
    },
    entries,
    async delete(file) {
      const handle = await existing(file);
      if (!handle) return;
      await onHandleIfExists(`delete '${name}/${file}'`, async () => {
        const { generation } = await readMarker(handle);
        await handle.removeEntry(marker);
        await removeSegments(handle, (each) => each === generation);
      });
    },
  };
}

/** Waits for a lock; resolves with a function that releases it. */
function acquireLock(locks: Locks, name: string, signal: AbortSignal | undefined): Promise<() => void> {
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

/** The files below a folder. A file is a folder that holds segments. */
async function entriesBelow(folder: FileSystemDirectoryHandle, prefix: string): Promise<StoreEntry[]> {
  const found: StoreEntry[] = [];
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind !== "directory") continue;
    const inner = entry as FileSystemDirectoryHandle;
    const path = prefix + name;
    const complete = await onHandleIfExists(`list '${path}'`, () => readMarker(inner));
    if (complete) found.push({ name: path, bytes: sum(complete.sizes), isComplete: true });
    const grown = sum(await segmentSizes(inner, (complete?.generation ?? -1) + 1, path));
    if (grown > 0) found.push({ name: path, bytes: grown, isComplete: false });
    if (!complete && grown === 0) found.push(...(await entriesBelow(inner, `${path}/`)));
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
