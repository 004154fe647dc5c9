/** The HTTP API as a Hono app: it runs on whatever has `Request` and `Response`, and knows no sockets. */
import { Hono } from "hono";
import type { EngineHandle } from "../core/index.ts";
import { ApiError, apiErrorOf } from "./apiError.ts";
import { type BodyLimits, defaultBodyLimits, readBody } from "./body/index.ts";
import { endpointsOf } from "./endpoints.ts";
import {
  type AppContext,
  type AppEnv,
  type AppMiddleware,
  Observation,
  type ServerObserver,
} from "./observer.ts";
import { type Operation, openApi } from "./openApi.ts";
import { Models } from "./routes/models.ts";

export interface AppOptions extends Partial<BodyLimits> {
  /** By the names that requests choose them by. */
  readonly models: ReadonlyMap<string, EngineHandle>;
  /** They run in this order before any endpoint, unknown ones too: keys, limits. What they throw is answered. */
  readonly before?: readonly AppMiddleware[];
  readonly observer?: ServerObserver;
  /** A silent stream sends a comment so often. Default 15 s. */
  readonly heartbeatMs?: number;
  /** Refuse fields that nobody reads, instead of naming them in the answer's headers. */
  readonly strict?: boolean;
  /** As /openapi.json tells it. */
  readonly version?: string;
  /** Whether /openapi.json says that requests need a key: something in `before` asks for it. */
  readonly keys?: boolean;
}

export function createApp({
  models: handles,
  before = [],
  observer = {},
  heartbeatMs = 15_000,
  strict = false,
  version = "0",
  keys = false,
  ...limits
}: AppOptions): Hono<AppEnv> {
  const endpoints = endpointsOf(new Models(handles), { heartbeatMs, strict });
  const document = openApi(endpoints, { version, keys });
  const body = readBody({ ...defaultBodyLimits, ...limits });
  const app = new Hono<AppEnv>();
  app.use(observed(observer, endpoints));
  for (const middleware of before) app.use(middleware);
  for (const { method, path, answer } of endpoints) {
    if (method === "post") app.post(routeOf(path), body, answer);
    else app.get(routeOf(path), answer);
  }
  app.get("/openapi.json", (c) => c.json(document));
  app.notFound((c) => refused(unknownPath(c.req.method, c.req.path, endpoints), c));
  app.onError((error, c) => refused(error, c));
  return app;
}

/** A model's name may have slashes. */
function routeOf(path: string): string {
  return path.replace("{id}", ":id{.+}");
}

/** Names fields of the request that nobody read. */
export const ignoredFieldsHeader = "x-unmask-ignored-fields";

const plainId = /^[\w.-]{1,128}$/;

function observed(observer: ServerObserver, endpoints: readonly Operation[]): AppMiddleware {
  return async (c, next) => {
    const { method, path } = c.req;
    const given = c.req.header("x-request-id") ?? "";
    const id = plainId.test(given) ? given : crypto.randomUUID();
    const observation = new Observation({ id, method, endpoint: endpointOf(path, endpoints) }, observer);
    c.set("observation", observation);
    await next();
    c.res.headers.set("x-request-id", id);
    const ignored = observation.ignored.header;
    if (ignored !== undefined) c.res.headers.set(ignoredFieldsHeader, ignored);
    if (!observation.stream) observation.end(c.res.status);
  };
}

function endpointOf(path: string, endpoints: readonly Operation[]): string {
  const matching = endpoints.find((each) => matches(each.path, path))?.path;
  return matching ?? (path === "/openapi.json" ? path : "unknown");
}

function matches(template: string, path: string): boolean {
  if (!template.endsWith("{id}")) return template === path;
  const start = template.slice(0, -"{id}".length);
  return path.startsWith(start) && path.length > start.length;
}

function unknownPath(method: string, path: string, endpoints: readonly Operation[]): ApiError {
  const other = endpoints.find((each) => matches(each.path, path))?.method.toUpperCase();
  if (other !== undefined) {
    const message = `Cannot answer as ${path} must be asked with ${other}: found ${method}`;
    const allow = other === "GET" ? "GET, HEAD" : other;
    return new ApiError(405, "method_not_allowed", message, { headers: { allow } });
  }
  return new ApiError(404, "unknown_endpoint", `Cannot answer as there is no such endpoint: found ${path}`);
}

function refused(error: unknown, c: AppContext): Response {
  const refusal = apiErrorOf(error);
  const { observation } = c.var;
  observation.note({ errorCode: refusal.code });
  if (refusal.status === 499) observation.noteAbort();
  // 499 has no reader, and no place among the statuses that a Response may be made of in some runtimes.
  return new Response(JSON.stringify(refusal.body), {
    status: refusal.status,
    headers: { ...refusal.headers, "content-type": "application/json" },
  });
}
