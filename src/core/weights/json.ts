import { decodeUtf8 } from "../decodeUtf8.ts";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { duplicateKey } from "./duplicateKey.ts";
import { parseNonFinite } from "./nonFiniteJson.ts";
import { openFile } from "./openFile.ts";
import { readExactly } from "./readExactly.ts";
import type { ModelSource } from "./source.ts";

export interface JsonOptions {
  /** Refuse objects with duplicate keys. */
  readonly uniqueKeys?: boolean;
  /** Accept NaN, Infinity and -Infinity, which are not JSON but which Python's `json` writes. */
  readonly nonFinite?: boolean;
}

/** The largest tokenizer.json known is about 35 MB; V8 has no string beyond 512 MB. */
const maxJsonBytes = 256 * 2 ** 20;

/**
 * Reads a JSON file of at most 256 MiB whose top level is an object.
 * @throws DiffusionError `not-found`, `invalid-file` (too large, not UTF-8, not JSON, not an object), `io`, `aborted`
 */
export async function readJson(
  source: ModelSource,
  name: string,
  signal?: AbortSignal,
  options?: JsonOptions,
): Promise<JsonObject> {
  const file = await openFile(source, name, signal);
  if (file.size > maxJsonBytes) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${file.name}' as a JSON file may have at most ${maxJsonBytes} bytes: found ${file.size}`,
    );
  }
  return parseJson(await readExactly(file, 0, file.size, signal), file.name, options);
}

/**
 * Parses UTF-8 bytes that hold JSON.
 * @param name the file, for errors
 * @throws DiffusionError `invalid-file`
 */
export function parseJsonValue(bytes: Uint8Array, name: string): unknown {
  return parseText(decodeUtf8(bytes, name), name);
}

function parseText(text: string, name: string, nonFinite = false): unknown {
  try {
    return nonFinite ? parseNonFinite(text) : JSON.parse(text);
  } catch (cause) {
    const reason = found(cause instanceof Error ? cause.message : cause);
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as it is not valid JSON: found ${reason}`,
      {
        cause,
      },
    );
  }
}

/**
 * Parses UTF-8 bytes that hold a JSON object.
 * @param name the file, for errors
 * @throws DiffusionError `invalid-file`
 */
export function parseJson(
  bytes: Uint8Array,
  name: string,
  { uniqueKeys = false, nonFinite = false }: JsonOptions = {},
): JsonObject {
  const text = decodeUtf8(bytes, name);
  const value = parseText(text, name, nonFinite);
  if (!isJsonObject(value)) {
    const kind = Array.isArray(value) ? "an array" : found(value);
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as it must hold a JSON object: found ${kind}`,
    );
  }
  const twice = uniqueKeys ? duplicateKey(text) : undefined;
  if (twice !== undefined) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as no key may stand twice in one object: found ${found(twice)}`,
    );
  }
  return value;
}
