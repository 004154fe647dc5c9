/**
 * How a file lies in a browser's private file system (OPFS). What is written there shows only once its writer is closed,
 * and a file that is opened again to be continued is copied first. So a file is a folder of segments, each written once:
 * what is lost with a page is at most the last one. A marker that says which segments belong together makes it complete.
 */

import { concatenate } from "../core/concatenate.ts";
import { blobSource } from "./blobs.ts";
import { onHandle } from "./handles.ts";
import { assertRange } from "./range.ts";
import type { StoredFile } from "./store.ts";

/** The marker's name. It holds `{"generation":0,"sizes":[16777216,...]}`. */
export const marker = "complete";

export interface Complete {
  /** Which writing of the file it is. */
  readonly generation: number;
  /** Of its segments, in bytes. */
  readonly sizes: readonly number[];
}

export function segmentName(generation: number, index: number): string {
  return `${generation}-${index}`;
}

/** @throws NotFoundError where the file is not complete */
export async function readMarker(
  folder: FileSystemDirectoryHandle,
): Promise<Complete & { readonly lastModified: number }> {
  const written = await (await folder.getFileHandle(marker)).getFile();
  return { ...(JSON.parse(await written.text()) as Complete), lastModified: written.lastModified };
}

/** @throws NotFoundError where the file is not complete */
export async function storedFile(folder: FileSystemDirectoryHandle, path: string): Promise<StoredFile> {
  const { lastModified, ...complete } = await readMarker(folder);
  const { sizes } = complete;
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
  return {
    name: path,
    size,
    stamp: `${size} bytes at ${lastModified}`,
    async read(offset, length, signal) {
      assertRange(path, size, offset, length);
      return readSegments(folder, complete, path, offset, length, signal);
    },
  };
}

export async function readSegments(
  folder: FileSystemDirectoryHandle,
  { generation, sizes }: Complete,
  path: string,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const [index, bytes] of sizes.entries()) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + bytes);
    if (from < to) {
      const blob = await onHandle(`read '${path}'`, async () =>
        (await folder.getFileHandle(segmentName(generation, index))).getFile(),
      );
      parts.push(await blobSource(path, blob).read(from - start, to - from, signal));
    }
    start += bytes;
  }
  return concatenate(parts);
}

/** Removes the segments of the generations that are chosen. */
export async function removeSegments(
  folder: FileSystemDirectoryHandle,
  chosen: (generation: number) => boolean,
): Promise<void> {
  const names: string[] = [];
  for await (const name of folder.keys()) {
    const [, generation] = /^(\d+)-\d+$/.exec(name) ?? [];
    if (generation !== undefined && chosen(Number(generation))) names.push(name);
  }
  for (const name of names) await folder.removeEntry(name);
}
