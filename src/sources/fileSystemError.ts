import { DiffusionError, found } from "../core/error.ts";

/** Makes a DiffusionError `io` from an error of the file system. */
export function fileSystemError(action: "read" | "write", path: string, cause: unknown): DiffusionError {
  const reason = found(cause instanceof Error ? cause.message : cause);
  const message = `Cannot ${action} '${path}' as the file system refuses: found ${reason}`;
  return new DiffusionError("io", message, { cause });
}

/** Runs `work`. A failure becomes a DiffusionError `io`, unless it is a DiffusionError already. */
export async function onDisk<Result>(
  action: "read" | "write",
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DiffusionError) throw cause;
    throw fileSystemError(action, path, cause);
  }
}

/** As `onDisk`, but resolves with undefined if the file or folder does not exist. */
export async function onDiskIfExists<Result>(
  action: "read" | "write",
  path: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  return onDisk(action, path, async () => {
    try {
      return await work();
    } catch (cause) {
      if (isCode(cause, "ENOENT", "ENOTDIR")) return undefined;
      throw cause;
    }
  });
}

/** Whether an error of Node has one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
