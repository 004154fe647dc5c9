import { DiffusionError } from "../../core/index.ts";
import { readKeys } from "../../server/keys.ts";
import { readText } from "../files.ts";
import type { Io } from "../io.ts";

/**
 * The API keys of a file, or of the environment where no file is named; undefined where neither is.
 * @throws DiffusionError `not-found`, `io`; `invalid-request` if there is no key where keys should be, or if both have some
 */
export async function serverKeys(io: Io, file: string | undefined): Promise<readonly string[] | undefined> {
  const variable = io.env["UNMASK_API_KEYS"];
  if (file !== undefined && variable !== undefined) {
    const message = "Cannot take API keys from both places: found --api-key-file and UNMASK_API_KEYS";
    throw new DiffusionError("invalid-request", message);
  }
  if (file !== undefined) return readKeys(await readText(file), `'${file}'`);
  return variable === undefined ? undefined : readKeys(variable, "UNMASK_API_KEYS");
}
