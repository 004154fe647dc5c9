/** Validates values of a request that no declared parameter describes: token ids, strings and objects. */
import { DiffusionError, found } from "../../error.ts";
import { isJsonObject } from "../../jsonObject.ts";
import type { Model } from "../../model/index.ts";

/** Maximum stop tokens. Every block is searched for them, and holes with a minimum length exclude them at every position. */
export const maxStopTokens = 256;

/** @throws DiffusionError `invalid-request` unless the value is absent or a list of at most `maxStopTokens` valid token ids */
export function readStopTokens(
  name: string,
  tokens: readonly number[] | undefined,
  { architecture: { vocabulary } }: Model,
): readonly number[] {
  const given = readTokens(name, tokens);
  if (given.length === 0) return given;
  const read = [...new Set(given)];
  const fail = (what: string) =>
    new DiffusionError("invalid-request", `Cannot run the request as '${name}' must ${what}`);
  if (read.length > maxStopTokens) throw fail(`have at most ${maxStopTokens} tokens: found ${read.length}`);
  const outside = read.find((token) => token >= vocabulary);
  if (outside === undefined) return read;
  throw fail(`hold token ids below the vocabulary's ${vocabulary}: found ${outside}`);
}

/** @throws DiffusionError `invalid-request` unless the value is absent or a list of token ids */
export function readTokens(name: string, tokens: readonly number[] | undefined): readonly number[] {
  if (tokens === undefined) return [];
  if (Array.isArray(tokens) && tokens.every((token) => Number.isSafeInteger(token) && token >= 0))
    return tokens;
  const message = `Cannot run the request as '${name}' must be a list of token ids: found ${found(tokens)}`;
  throw new DiffusionError("invalid-request", message);
}

export function readToken(name: string, token: number | undefined): number | undefined {
  return readTokens(name, token === undefined ? undefined : [token])[0];
}

/** @throws DiffusionError `invalid-request` unless the value is absent or a list of strings */
export function readStrings(name: string, strings: readonly string[] | undefined): readonly string[] {
  if (strings === undefined) return [];
  if (Array.isArray(strings) && strings.every((text) => typeof text === "string")) return strings;
  const message = `Cannot run the request as '${name}' must be a list of strings: found ${found(strings)}`;
  throw new DiffusionError("invalid-request", message);
}

/** @throws DiffusionError `invalid-request` unless the value is an object */
export function requireObject(name: string, value: unknown): void {
  if (isJsonObject(value)) return;
  const message = `Cannot run the request as '${name}' must be an object: found ${found(value)}`;
  throw new DiffusionError("invalid-request", message);
}
