/** The HTTP API as a Hono app. It needs `Request` and `Response` from the runtime, and no sockets. */
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
  /** Engines by the model name that requests use. */
  readonly models: ReadonlyMap<string, EngineHandle>;
  /**
   * Middlewares that run in this order before every endpoint and before the 404 of an unknown path, such as API keys and
   * limits. An error that a middleware throws becomes the response.
   */
  readonly before?: readonly AppMiddleware[];
  readonly observer?: ServerObserver;
  /** Interval of the comments that a stream sends while it has no events. Default 15 s. */
  readonly heartbeatMs?: number;
  /** Reject unknown fields of a request. By default a response header names the ignored fields. */
  readonly strict?: boolean;
  /** The version in /openapi.json. */
  readonly version?: string;
  /** Whether /openapi.json declares API keys. A middleware in `before` has to check them. */
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
  app.notFound((c) => errorResponse(unknownPath(c.req.method, c.req.path, endpoints), c));
  app.onError((error, c) => errorResponse(error, c));
  return app;
}

/** The Hono route of a path. `{id}` is a model name, which may contain slashes. */
function routeOf(path: string): string {
  return path.replace("{id}", ":id{.+}");
}

/** The response header that lists the ignored fields of the request. */
export const ignoredFieldsHeader = "x-unmask-ignored-fields";

/** A request ID of the client that is safe to log and to send back. */
const validRequestId = /^[\w.-]{1,128}$/;

function observed(observer: ServerObserver, endpoints: readonly Operation[]): AppMiddleware {
  return async (c, next) => {
    const { method, path } = c.req;
    const clientId = c.req.header("x-request-id") ?? "";
    const id = validRequestId.test(clientId) ? clientId : crypto.randomUUID();
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
    const message = `Cannot answer ${method} ${path} as this endpoint only accepts ${other}`;
    const allow = other === "GET" ? "GET, HEAD" : other;
    return new ApiError(405, "method_not_allowed", message, { headers: { allow } });
  }
  return new ApiError(404, "unknown_endpoint", `Unknown endpoint ${path}: /openapi.json lists all endpoints`);
}

function errorResponse(error: unknown, c: AppContext): Response {
  const apiError = apiErrorOf(error);
  const { observation } = c.var;
  observation.note({ errorCode: apiError.code });
  if (apiError.status === 499) observation.noteAbort();
  // Not `c.json`, whose types do not include the status 499.
  return new Response(JSON.stringify(apiError.body), {
    status: apiError.status,
    headers: { ...apiError.headers, "content-type": "application/json" },
  });
}
