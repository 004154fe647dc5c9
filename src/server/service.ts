/** A complete server without its socket: the API with keys, limits, CORS, health checks, metrics and logs, and the page. */
import { Hono } from "hono";
import type { EngineHandle } from "../core/index.ts";
import { createApp } from "./app.ts";
import type { BodyLimits } from "./body/index.ts";
import type { FetchHandler } from "./bound.ts";
import { crossOrigin, isPreflight } from "./crossOrigin.ts";
import { Drain } from "./drain.ts";
import { Fleet } from "./fleet.ts";
import { requireKey } from "./keys.ts";
import { bodyLog, ignoredFieldLog, type Logger, logFailures, requestLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { AppMiddleware, ServerObserver } from "./observer.ts";
import type { Page } from "./page/page.ts";
import { createProbes, isProbe } from "./probes.ts";
import { RequestLimit } from "./requestLimit.ts";

export interface ServiceOptions extends BodyLimits {
  readonly logger: Logger;
  /** The valid API keys; if absent, requests need no key. */
  readonly keys?: readonly string[];
  /** Maximum number of concurrent requests. */
  readonly maxRequests: number;
  /** Origins whose pages may use the API; none by default. */
  readonly origins?: readonly string[];
  /** Log request bodies. */
  readonly logPrompts?: boolean;
  /** Reject unknown fields of a request. */
  readonly strict?: boolean;
  /** The version in `/openapi.json`. */
  readonly version?: string;
  /** Served at `/`; by default there is none. */
  readonly page?: Page;
}

export interface Service {
  readonly fetch: FetchHandler;
  readonly fleet: Fleet;
  readonly drain: Drain;
}

/** @param engines by the model name that requests use */
export function createService(
  engines: ReadonlyMap<string, EngineHandle>,
  { logger, keys, maxRequests, origins = [], logPrompts = false, page, ...app }: ServiceOptions,
): Service {
  const fleet = new Fleet(engines);
  const drain = new Drain();
  const metrics = new Metrics(fleet);
  const limit = new RequestLimit(maxRequests);
  const cors = crossOrigin(origins);
  const before: readonly AppMiddleware[] = [
    // First, so that a page can read the error of a rejected request.
    ...(origins.length > 0 ? [cors] : []),
    logFailures(logger),
    ...(keys ? [requireKey(keys)] : []),
    drain.middleware,
    limit.middleware,
  ];
  const logs = [requestLog(logger), ignoredFieldLog(logger), ...(logPrompts ? [bodyLog(logger)] : [])];
  const observer = all(metrics, limit, ...logs);
  const api = createApp({ ...app, models: fleet.engines, before, observer, keys: keys !== undefined });
  const probes = createProbes({
    fleet,
    drain,
    metrics,
    ...(origins.length > 0 && { cors }),
    ...(keys && { keys }),
  });
  const preflights = new Hono().use(cors);
  const fetch: FetchHandler = (request, env) => {
    // A preflight is not a request of the API, so it is neither counted nor logged.
    if (isPreflight(request)) return preflights.fetch(request, env);
    if (page?.has(request)) return page.fetch(request);
    return (isProbe(request) ? probes : api).fetch(request, env);
  };
  return { fetch, fleet, drain };
}

function all(...observers: readonly ServerObserver[]): ServerObserver {
  return {
    onRequest: (request) => {
      for (const observer of observers) observer.onRequest?.(request);
    },
    onBody: (request, body) => {
      for (const observer of observers) observer.onBody?.(request, body);
    },
    onEnd: (request, outcome) => {
      for (const observer of observers) observer.onEnd?.(request, outcome);
    },
  };
}
