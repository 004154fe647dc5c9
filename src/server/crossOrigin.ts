/** Pages of other origins: which of them may use the API. */
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { ignoredFieldsHeader } from "./app.ts";

const exposeHeaders = ["x-request-id", "retry-after", ignoredFieldsHeader];
/** Seconds for which a browser need not ask again: the most that Chromium heeds. */
const maxAge = 7200;

/** @param origins with `*` among them every page may, and with none no page */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({ origin: origins.includes("*") ? "*" : [...origins], exposeHeaders, maxAge });
}

/** What a browser sends before a request that a page wants to make. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}
