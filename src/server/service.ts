/** A server without its socket: the app, and what an operator needs around it. */
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
import { createProbes, isProbe } from "./probes.ts";
import { RequestLimit } from "./requestLimit.ts";

export interface ServiceOptions extends BodyLimits {
  readonly logger: Logger;
  /** Who brings one of them may use the API; anyone if absent. */
  readonly keys?: readonly string[];
  /** The most requests under way. */
  readonly requests: number;
  /** Pages of these origins may use the API; none by default. */
  readonly origins?: readonly string[];
  /** Log what is asked, as it came. */
  readonly logPrompts?: boolean;
  /** Refuse fields that nobody reads. */
  readonly strict?: boolean;
  /** As `/openapi.json` tells it. */
  readonly version?: string;
}

export interface Service {
  readonly fetch: FetchHandler;
  readonly fleet: Fleet;
  readonly drain: Drain;
}

/** @param engines by the names that requests choose them by */
export function createService(
  engines: ReadonlyMap<string, EngineHandle>,
  { logger, keys, requests, origins = [], logPrompts = false, ...app }: ServiceOptions,
): Service {
  const fleet = new Fleet(engines);
  const drain = new Drain();
  const metrics = new Metrics(fleet);
  const limit = new RequestLimit(requests);
  const cors = crossOrigin(origins);
  const before: readonly AppMiddleware[] = [
    // First, so that a page can read why it was refused.
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
    // Browsers ask before a page may; it is no request of the API, so nothing counts or logs it.
    if (isPreflight(request)) return preflights.fetch(request, env);
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
