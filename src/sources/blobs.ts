import { DiffusionError, throwIfAborted } from "../core/error.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";
import { namedFiles } from "./namedFiles.ts";
import { assertRange } from "./range.ts";

/**
 * A model from files that the user chose or dropped on a page, or from Blobs by name. Files of a chosen folder have names
 * relative to that folder.
 */
export function blobs(files: Iterable<File> | Readonly<Record<string, Blob>>): ModelSource {
  const entries = isIterable(files)
    ? Array.from(files, (file) => [fileName(file), file] as const)
    : Object.entries(files);
  return namedFiles<Blob>("blobs", entries, blobSource);
}

function isIterable(files: Iterable<File> | Readonly<Record<string, Blob>>): files is Iterable<File> {
  return Symbol.iterator in files;
}

function fileName(file: File): string {
  // For example "chosen-folder/config.json"; empty for a single file, undefined in Node.
  const path: string | undefined = file.webkitRelativePath;
  return path ? path.slice(path.indexOf("/") + 1) : file.name;
}

/** A Blob as a source. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    async read(offset, length, signal, buffer) {
      throwIfAborted(signal, `read '${name}'`);
      assertRange(name, blob.size, offset, length);
      let bytes: Uint8Array;
      try {
        const range = blob.slice(offset, offset + length);
        bytes = buffer ? await readRange(range, buffer) : new Uint8Array(await range.arrayBuffer());
      } catch (cause) {
        // Browsers fail here if the file on disk has changed since the user chose it.
        throw new DiffusionError("io", `Cannot read '${name}' as the browser refuses it: found ${cause}`, {
          cause,
        });
      }
      throwIfAborted(signal, `read '${name}'`);
      return bytes;
    },
  };
}

/** Bytes that pass through memory at a time on their way into a buffer. */
const chunkBytes = 2 ** 20;

/**
 * Reads a range, by way of one chunk into a buffer: with `arrayBuffer`, a tab of Chromium collects up to a gigabyte before it frees
 * any. Browsers whose Blobs cannot read into given memory read the whole range.
 */
async function readRange(range: Blob, buffer: Uint8Array): Promise<Uint8Array> {
  const reader = byteReader(range);
  if (!reader) return new Uint8Array(await range.arrayBuffer());
  let chunk = new Uint8Array(Math.min(chunkBytes, range.size));
  let filled = 0;
  while (filled < range.size) {
    const { done, value } = await reader.read(chunk);
    if (done) break;
    buffer.set(value, filled);
    filled += value.length;
    chunk = new Uint8Array(value.buffer);
  }
  await reader.cancel();
  return buffer.subarray(0, filled);
}

function byteReader(range: Blob): ReadableStreamBYOBReader | undefined {
  try {
    return range.stream().getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
