/** Reading and writing files, with errors that name the path and the reason. */
import { mkdir, readFile, stat } from "node:fs/promises";
import { decodeUtf8 } from "../core/decodeUtf8.ts";
import { DiffusionError, found } from "../core/index.ts";

/** The error code of the file system, for example `ENOENT`. */
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

/** Runs `work`, which writes a file, and converts its errors. @throws DiffusionError `not-found`, `invalid-request`, `io` */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** Creates a directory and its parents. @throws DiffusionError `invalid-request` if a file is in the way, `io` */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const code = systemCode(cause);
    if (code !== "EEXIST" && code !== "ENOTDIR") throw writeError(path, cause);
    const message = `Cannot create the directory '${path}' as a file is in the way`;
    throw new DiffusionError("invalid-request", message, { cause });
  }
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

/** @throws DiffusionError `invalid-request` if the file exists */
export async function requireNewFile(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there) throw existsError(path);
}

function existsError(path: string): DiffusionError {
  return new DiffusionError(
    "invalid-request",
    `Cannot write '${path}' as the file exists: --force overwrites it`,
  );
}
