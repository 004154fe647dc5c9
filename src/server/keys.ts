/** API keys, sent as `Authorization: Bearer`. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { DiffusionError } from "../core/index.ts";
import { ApiError } from "./apiError.ts";

/**
 * Parses API keys: one per line, or separated by commas. Empty lines and lines that begin with # are skipped.
 * @param name names the source of the text in errors
 * @throws DiffusionError `invalid-request` if the text has no key, or a key that an HTTP header cannot hold
 */
export function readKeys(text: string, name: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("#"));
  const keys = lines.flatMap((line) => line.split(",")).flatMap((key) => key.trim() || []);
  if (keys.length === 0) {
    throw new DiffusionError("invalid-request", `Cannot read API keys from ${name} as it has none`);
  }
  // The error names the index of the key and not the key, which is a secret.
  const wrong = keys.findIndex((key) => !/^[\x21-\x7e]+$/.test(key));
  if (wrong < 0) return keys;
  const message = `Cannot use API key ${wrong + 1} of ${name} as keys must be printable ASCII without spaces`;
  throw new DiffusionError("invalid-request", message);
}

const digest = (key: string) => createHash("sha256").update(key).digest();

/**
 * Rejects requests without a valid key with 401. The time of the check reveals nothing about the keys, not even their
 * lengths, as all digests are compared in constant time.
 */
export function requireKey(keys: readonly string[]): MiddlewareHandler {
  const digests = keys.map(digest);
  return async (context, next) => {
    const [, key] = /^Bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "") ?? [];
    const sent = digest(key ?? "");
    const matches = digests.filter((valid) => timingSafeEqual(valid, sent));
    if (key !== undefined && matches.length > 0) return next();
    const reason =
      key === undefined ? "it has no 'Authorization: Bearer' header" : "its API key is not valid";
    const headers = { "www-authenticate": "Bearer" };
    throw new ApiError(401, "invalid_api_key", `Cannot answer the request as ${reason}`, { headers });
  };
}
