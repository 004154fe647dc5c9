import { throwIfAborted } from "../core/error.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";
import { namedFiles } from "./namedFiles.ts";
import { assertRange } from "./range.ts";

/**
 * A model whose files are in memory already: bundled with a page, or made by a test.
 * @param files by name; a string stands for its UTF-8 bytes
 * @param name how errors name the source
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
      // A copy, because whoever reads may transfer it to a worker.
      return bytes.slice(offset, offset + length);
    },
  };
}
