import { DiffusionError } from "../error.ts";
import { readExactly } from "./readExactly.ts";
import type { ByteSource, ModelSource } from "./source.ts";

/** The first line of a Git LFS pointer; the second form predates the name of the specification. */
const pointerStarts = ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"];
/** The limit of the specification. */
const maxPointerBytes = 1024;

/**
 * Opens a file of a model. A repository that was cloned without Git LFS contains pointers in place of large files, so
 * every file is opened here, and pointers are refused.
 * @throws DiffusionError `invalid-file` for a pointer of Git LFS, `not-found`, `io`, `aborted`
 */
export async function openFile(source: ModelSource, name: string, signal?: AbortSignal): Promise<ByteSource> {
  const file = await source.open(name, signal);
  if (file.size > maxPointerBytes) return file;
  // Byte by byte, as the file may not be text.
  const text = String.fromCharCode(...(await readExactly(file, 0, file.size, signal)));
  if (!pointerStarts.some((start) => text.startsWith(start))) return file;
  const bytes = /^size (\d+)$/m.exec(text)?.[1] ?? "some";
  throw new DiffusionError(
    "invalid-file",
    `Cannot read '${file.name}' as its content is still in Git LFS ("git lfs pull" in its repository fetches it): found a pointer to ${bytes} bytes`,
  );
}
