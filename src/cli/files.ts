/** Files that commands read and write, and what is said when they cannot. */
import { readFile, stat } from "node:fs/promises";
import { decodeUtf8 } from "../core/decodeUtf8.ts";
import { DiffusionError, found } from "../core/index.ts";

/** What the file system said, as in `ENOENT`. */
export function systemCode(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

/** @throws DiffusionError `not-found`, `io` */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = systemCode(cause);
    const missing = code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
    if (missing) {
      throw new DiffusionError("not-found", `Cannot read '${path}' as there is no such file`, { cause });
    }
    throw new DiffusionError("io", `Cannot read '${path}' as the file system refuses: found ${found(code)}`, {
      cause,
    });
  }
}

/** @throws DiffusionError `not-found`, `io`, `invalid-file` if it is not UTF-8 */
export async function readText(path: string): Promise<string> {
  return decodeUtf8(await readBytes(path), path);
}

/** The error for a file that cannot be written. */
export function writeError(path: string, cause: unknown): DiffusionError {
  const code = systemCode(cause);
  if (code === "EEXIST") return existsError(path);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new DiffusionError("not-found", `Cannot write '${path}' as there is no such directory`, { cause });
  }
  if (code === "EISDIR") {
    return new DiffusionError("invalid-request", `Cannot write '${path}' as it is a directory`, { cause });
  }
  const message = `Cannot write '${path}' as the file system refuses: found ${found(code)}`;
  return new DiffusionError("io", message, { cause });
}

/** @throws DiffusionError `invalid-request` if there is such a file */
export async function requireNewFile(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there) throw existsError(path);
}

function existsError(path: string): DiffusionError {
  return new DiffusionError("invalid-request", `Cannot write '${path}' as it exists: --force writes over it`);
}
