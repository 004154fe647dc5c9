/** API keys: who brings one of them may use the API. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { DiffusionError } from "../core/index.ts";
import { ApiError } from "./apiError.ts";

/**
 * The keys of a text: one a line, or several with commas between them. Empty lines and those that begin with # are none.
 * @param name what the text is, for errors
 * @throws DiffusionError `invalid-request` if there is none, or one that no header can hold
 */
export function readKeys(text: string, name: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("#"));
  const keys = lines.flatMap((line) => line.split(",")).flatMap((key) => key.trim() || []);
  if (keys.length === 0) {
    throw new DiffusionError("invalid-request", `Cannot read API keys from ${name} as there is none in it`);
  }
  // A key is a secret: it is not shown.
  const wrong = keys.findIndex((key) => !/^[\x21-\x7e]+$/.test(key));
  if (wrong < 0) return keys;
  const message = `Cannot use API key ${wrong + 1} of ${name} as keys must be printable ASCII without spaces`;
  throw new DiffusionError("invalid-request", message);
}

const digest = (key: string) => createHash("sha256").update(key).digest();

/**
 * Refuses requests that bring none of the keys with 401. How long that takes says nothing of the keys, not even of
 * their lengths: digests are compared, all of them, each to its end.
 */
export function requireKey(keys: readonly string[]): MiddlewareHandler {
  const digests = keys.map(digest);
  return async (context, next) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "") ?? [];
    const own = digest(given ?? "");
    const matches = digests.filter((known) => timingSafeEqual(known, own));
    if (given !== undefined && matches.length > 0) return next();
    const what =
      given === undefined ? "it has no 'Authorization: Bearer' header" : "its API key is not known";
    const headers = { "www-authenticate": "Bearer" };
    throw new ApiError(401, "invalid_api_key", `Cannot answer the request as ${what}`, { headers });
  };
}
