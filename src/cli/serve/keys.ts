import { DiffusionError } from "../../core/index.ts";
import { readKeys } from "../../server/keys.ts";
import { readText } from "../files.ts";
import type { Io } from "../io.ts";

/**
 * Reads API keys from a file or from the environment; undefined if neither is given.
 * @throws DiffusionError `not-found`, `io`; `invalid-request` if the source holds no keys, or if both sources are given
 */
export async function serverKeys(io: Io, file: string | undefined): Promise<readonly string[] | undefined> {
  const variable = io.env["UNMASK_API_KEYS"];
  if (file !== undefined && variable !== undefined) {
    const message =
      "Cannot read API keys as only one source is allowed: found --api-key-file and UNMASK_API_KEYS";
    throw new DiffusionError("invalid-request", message);
  }
  if (file !== undefined) return readKeys(await readText(file), `'${file}'`);
  return variable === undefined ? undefined : readKeys(variable, "UNMASK_API_KEYS");
}
