import { throwIfAborted } from "../core/error.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";
import { namedFiles } from "./namedFiles.ts";
import { assertRange } from "./range.ts";

/**
 * A model whose files are in memory: bundled with a page, or made by a test.
 * @param files by name; strings are encoded as UTF-8
 * @param name the source, as errors name it
 */
export function memory(files: Readonly<Record<string, Uint8Array | string>>, name = "memory"): ModelSource {
  const encoder = new TextEncoder();
  const entries = Object.entries(files).map(
    ([path, content]) => [path, typeof content === "string" ? encoder.encode(content) : content] as const,
  );
  return namedFiles(name, entries, byteSource);
}

/** Bytes in memory as a source. */
export function byteSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, length, signal) {
      throwIfAborted(signal, `read '${name}'`);
      assertRange(name, bytes.length, offset, length);
      // A copy, as the caller may transfer it to a worker.
      return bytes.slice(offset, offset + length);
    },
  };
}
