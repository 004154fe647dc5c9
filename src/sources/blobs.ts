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
    async read(offset, length, signal) {
      throwIfAborted(signal, `read '${name}'`);
      assertRange(name, blob.size, offset, length);
      let bytes: Uint8Array;
      try {
        bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
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
