/**
 * File names in a model are untrusted, as other files contain them (an index names its shards): every source checks a
 * name before it touches a disk or a server.
 */
import { DiffusionError, found } from "../error.ts";

/** Whether a name stays inside its source: relative, `/` between segments, none of them `.`, `..` or empty. */
export function isFileName(name: string): boolean {
  // A colon would be a drive or a stream on Windows and a scheme in a URL; NUL ends a path in C.
  if (/[\\:\0]/.test(name)) return false;
  return name.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** @throws DiffusionError `invalid-file` if the name could leave the source */
export function assertFileName(name: string, sourceName: string): void {
  if (!isFileName(name)) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot open a file of '${sourceName}' as its name must be a relative path inside it: found ${found(name)}`,
    );
  }
}
