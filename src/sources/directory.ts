/** A model in a directory on disk. Needs Node or Deno, so the folder's index does not export it. */
import { open, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DiffusionError, throwIfAborted } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ByteSource, ModelSource } from "../core/weights/source.ts";
import { onDisk, onDiskIfExists } from "./fileSystemError.ts";
import { assertRange } from "./range.ts";
import { readHandle } from "./readHandle.ts";

/**
 * The files of a directory, as sources with a `path`. File names cannot lead out of the directory, but symbolic links
 * may: the cache of Hugging Face consists of links into a sibling folder.
 */
export function directory(path: string): ModelSource {
  const root = resolve(path);
  return {
    name: root,
    async list(signal) {
      await assertDirectory(root);
      return (await listFiles(root, "", signal)).sort();
    },
    async open(name, signal) {
      throwIfAborted(signal, `open '${name}'`);
      assertFileName(name, root);
      const filePath = join(root, name);
      const stats = await statOrUndefined(filePath);
      if (!stats) {
        await assertDirectory(root);
        throw new DiffusionError("not-found", `Cannot open '${filePath}' as there is no such file`);
      }
      if (!stats.isFile())
        throw new DiffusionError("not-found", `Cannot open '${filePath}' as it is not a file`);
      return fileSource(filePath, stats.size);
    },
  };
}

function fileSource(path: string, size: number): ByteSource {
  return {
    name: path,
    path,
    size,
    async read(offset, length, signal, buffer) {
      throwIfAborted(signal, `read '${path}'`);
      assertRange(path, size, offset, length);
      const bytes = await readRange(path, offset, length, buffer);
      throwIfAborted(signal, `read '${path}'`);
      return bytes;
    },
  };
}

/** Opens the file for each read: reads are megabytes long, and a source has no `close` that would free a descriptor. */
async function readRange(
  path: string,
  offset: number,
  length: number,
  buffer: Uint8Array | undefined,
): Promise<Uint8Array> {
  const bytes = await onDisk("read", path, async () => {
    const handle = await open(path);
    try {
      return await readHandle(handle, offset, length, buffer);
    } finally {
      await handle.close();
    }
  });
  if (bytes.length < length) {
    throw new DiffusionError(
      "io",
      `Cannot read '${path}' as it became shorter: found ${bytes.length} of ${length} bytes at ${offset}`,
    );
  }
  return bytes;
}

/** File names with `/`, relative to `root`, without hidden files and folders (.git, .cache). */
async function listFiles(root: string, folder: string, signal: AbortSignal | undefined): Promise<string[]> {
  throwIfAborted(signal, `list '${root}'`);
  const names: string[] = [];
  const path = join(root, folder);
  const entries = await onDisk("read", path, () => readdir(path, { withFileTypes: true }));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const name = folder ? `${folder}/${entry.name}` : entry.name;
    // Linked folders are skipped: they may contain this one.
    if (entry.isDirectory()) names.push(...(await listFiles(root, name, signal)));
    else if (entry.isFile() || (await statOrUndefined(join(root, name)))?.isFile()) names.push(name);
  }
  return names;
}

async function assertDirectory(root: string): Promise<void> {
  const stats = await statOrUndefined(root);
  if (stats?.isDirectory()) return;
  const reason = stats ? "it is not a directory" : "there is no such directory";
  throw new DiffusionError("not-found", `Cannot open the model in '${root}' as ${reason}`);
}

function statOrUndefined(path: string) {
  return onDiskIfExists("read", path, () => stat(path));
}
