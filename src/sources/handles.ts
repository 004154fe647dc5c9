/** Folder handles of browsers: a folder that the user chose, or the origin private file system (OPFS). */
import { DiffusionError, found } from "../core/error.ts";

/**
 * Runs `work`. A failure becomes a DiffusionError `io`, unless it is a DiffusionError already.
 * @param what the action, as the error names it: `read 'x'`
 */
export async function onHandle<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DiffusionError) throw cause;
    const reason = found(cause instanceof Error ? `${cause.name}: ${cause.message}` : cause);
    throw new DiffusionError("io", `Cannot ${what} as the browser refuses: found ${reason}`, { cause });
  }
}

/** As `onHandle`, but resolves with undefined if the file or folder does not exist, or is the other of the two. */
export function onHandleIfExists<Result>(
  what: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  return onHandle(what, async () => {
    try {
      return await work();
    } catch (error) {
      const { name } = error as { name?: string };
      if (name === "NotFoundError" || name === "TypeMismatchError") return undefined;
      throw error;
    }
  });
}

/** Opens the folder at a path. With `create`, missing folders on the path are created. */
export async function folderAt(
  root: FileSystemDirectoryHandle,
  segments: readonly string[],
  create = false,
): Promise<FileSystemDirectoryHandle> {
  let folder = root;
  for (const segment of segments) folder = await folder.getDirectoryHandle(segment, { create });
  return folder;
}

/** The root of OPFS. @throws DiffusionError `unsupported` outside browsers and on insecure pages, which have no OPFS */
export async function privateRoot(): Promise<FileSystemDirectoryHandle> {
  const { storage } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  if (storage?.getDirectory) return onHandle("open the private file system", () => storage.getDirectory());
  throw new DiffusionError(
    "unsupported",
    "Cannot open the private file system as a browser must have it, on a secure page: found none",
  );
}
