/**
 * The layout of a file in a browser's origin private file system (OPFS). Written bytes become visible only when the writer
 * is closed, and reopening a file for writing copies it. So each file is a folder of segments, which are written once: a
 * closed page loses at most the last segment. A marker file lists the segments and makes the file complete.
 */

import { concatenate } from "../core/concatenate.ts";
import { blobSource } from "./blobs.ts";
import { onHandle, onHandleIfExists } from "./handles.ts";
import { assertRange } from "./range.ts";
import type { StoredFile } from "./store.ts";

/** The name of the marker file, whose content is `{"generation":0,"sizes":[16777216,...]}`. */
export const marker = "complete";

export interface Complete {
  /** Counts how often the file has been written anew. */
  readonly generation: number;
  /** Bytes of each segment. */
  readonly sizes: readonly number[];
}

export function segmentName(generation: number, index: number): string {
  return `${generation}-${index}`;
}

export function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, bytes) => total + bytes, 0);
}

/** The sizes of the closed segments of a generation, in order. */
export async function segmentSizes(
  folder: FileSystemDirectoryHandle,
  generation: number,
  path: string,
): Promise<number[]> {
  const sizes: number[] = [];
  for (;;) {
    const segment = await onHandleIfExists(`read '${path}'`, async () =>
      (await folder.getFileHandle(segmentName(generation, sizes.length))).getFile(),
    );
    // A page that was closed before its first write leaves an empty segment.
    if (!segment || segment.size === 0) return sizes;
    sizes.push(segment.size);
  }
}

/** @throws NotFoundError if the file is not complete */
export async function readMarker(
  folder: FileSystemDirectoryHandle,
): Promise<Complete & { readonly lastModified: number }> {
  const file = await (await folder.getFileHandle(marker)).getFile();
  return { ...(JSON.parse(await file.text()) as Complete), lastModified: file.lastModified };
}

/** @throws NotFoundError if the file is not complete */
export async function storedFile(folder: FileSystemDirectoryHandle, path: string): Promise<StoredFile> {
  const { lastModified, ...complete } = await readMarker(folder);
  const { sizes } = complete;
  const size = sum(sizes);
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

/** Removes the segments of the matching generations. */
export async function removeSegments(
  folder: FileSystemDirectoryHandle,
  matches: (generation: number) => boolean,
): Promise<void> {
  const names: string[] = [];
  for await (const name of folder.keys()) {
    const [, generation] = /^(\d+)-\d+$/.exec(name) ?? [];
    if (generation !== undefined && matches(Number(generation))) names.push(name);
  }
  for (const name of names) await folder.removeEntry(name);
}
