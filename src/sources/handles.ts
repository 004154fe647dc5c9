/** Folders as browsers hand them out: what the user chose, or the origin's private file system (OPFS). */
import { DiffusionError, found } from "../core/error.ts";

/**
 * What `work` resolves with; its failure is an `io` error.
 * @param what is read or written, for the error
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

/** As `onHandle`, but undefined where there is no such file or folder, or one in place of the other. */
export function ifHandle<Result>(what: string, work: () => Promise<Result>): Promise<Result | undefined> {
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

/** The folder at the end of the segments, each of which is made where it is missing, if `create`. */
export async function folderAt(
  root: FileSystemDirectoryHandle,
  segments: readonly string[],
  create = false,
): Promise<FileSystemDirectoryHandle> {
  let folder = root;
  for (const segment of segments) folder = await folder.getDirectoryHandle(segment, { create });
  return folder;
}

/** @throws DiffusionError `unsupported` where there is no OPFS: outside of browsers, and on insecure pages */
export async function privateRoot(): Promise<FileSystemDirectoryHandle> {
  const { storage } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  if (storage?.getDirectory) return onHandle("open the private file system", () => storage.getDirectory());
  throw new DiffusionError(
    "unsupported",
    "Cannot open the private file system as a browser must have it, on a secure page: found none",
  );
}
