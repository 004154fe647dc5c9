/** CORS: the origins whose pages may use the API. */
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { ignoredFieldsHeader } from "./app.ts";

const exposeHeaders = ["x-request-id", "retry-after", ignoredFieldsHeader];
/** Seconds for which a browser may cache a preflight response; Chromium caps the value at two hours. */
const maxAge = 7200;

/** @param origins the allowed origins; `*` allows every origin, an empty list none */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({ origin: origins.includes("*") ? "*" : [...origins], exposeHeaders, maxAge });
}

/** Whether a request is a CORS preflight, which a browser sends before the request of a page. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}
