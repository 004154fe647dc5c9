import { DiffusionError } from "../error.ts";
import { readExactly } from "./readExactly.ts";
import type { ByteSource, ModelSource } from "./source.ts";

/** What a pointer begins with; the second is from before the specification had its name. */
const pointerStarts = ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"];
/** The specification's limit. */
const maxPointerBytes = 1024;

/**
 * Opens a file of a model that is to be read. A repository that was cloned without Git LFS has pointers in place of large
 * files, of any kind: every file is opened here, so that each of them is refused for what it is.
 * @throws DiffusionError `invalid-file` for a pointer of Git LFS, `not-found`, `io`, `aborted`
 */
export async function openFile(source: ModelSource, name: string, signal?: AbortSignal): Promise<ByteSource> {
  const file = await source.open(name, signal);
  if (file.size > maxPointerBytes) return file;
  // Byte by byte, as other files need not be text.
  const text = String.fromCharCode(...(await readExactly(file, 0, file.size, signal)));
  if (!pointerStarts.some((start) => text.startsWith(start))) return file;
  const bytes = /^size (\d+)$/m.exec(text)?.[1] ?? "some";
  throw new DiffusionError(
    "invalid-file",
    `Cannot read '${file.name}' as its content is still in Git LFS ("git lfs pull" in its repository fetches it): found a pointer to ${bytes} bytes`,
  );
}
