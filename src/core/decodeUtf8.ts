import { DiffusionError } from "./error.ts";

/**
 * Decodes the text of a file.
 * @param name the file, as the error names it
 * @throws DiffusionError `invalid-file` for bytes that are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as it is not valid UTF-8`, { cause });
  }
}
