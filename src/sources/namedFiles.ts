import { DiffusionError, found, throwIfAborted } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";

/**
 * A source with a fixed list of files.
 * @throws DiffusionError `invalid-request` if two files have the same name, `invalid-file` for an invalid name
 */
export function namedFiles<File>(
  sourceName: string,
  entries: Iterable<readonly [name: string, file: File]>,
  byteSource: (name: string, file: File) => ByteSource,
): ModelSource {
  const files = new Map<string, File>();
  for (const [name, file] of entries) {
    assertFileName(name, sourceName);
    if (files.has(name)) {
      throw new DiffusionError(
        "invalid-request",
        `Cannot use '${sourceName}' as file names must be unique: found ${found(name)} twice`,
      );
    }
    files.set(name, file);
  }
  return {
    name: sourceName,
    async list(signal) {
      throwIfAborted(signal, `list '${sourceName}'`);
      return [...files.keys()];
    },
    async open(name, signal) {
      throwIfAborted(signal, `open '${name}'`);
      assertFileName(name, sourceName);
      const file = files.get(name);
      if (file === undefined) {
        throw new DiffusionError(
          "not-found",
          `Cannot open ${found(name)} as '${sourceName}' has no such file: found ${files.size} others`,
        );
      }
      return byteSource(`${sourceName}/${name}`, file);
    },
  };
}
