/** A server without its socket: the app, and what an operator needs around it. */
import { cors } from "hono/cors";
import type { EngineHandle } from "../core/index.ts";
import { createApp } from "./app.ts";
import type { FetchHandler } from "./bound.ts";
import { Drain } from "./drain.ts";
import { Fleet } from "./fleet.ts";
import { requireKey } from "./keys.ts";
import { limitBody, RequestLimit } from "./limits.ts";
import { type Logger, logBodies, logFailures, requestLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { AppMiddleware, ServerObserver } from "./observer.ts";
import { createProbes, probePaths } from "./probes.ts";

export interface ServiceOptions {
  readonly logger: Logger;
  /** Who brings one of them may use the API; anyone if absent. */
  readonly keys?: readonly string[];
  /** The largest body, and the most requests under way. */
  readonly bodyBytes: number;
  readonly requests: number;
  /** Pages of these origins may use the API; none by default. */
  readonly origins?: readonly string[];
  /** Log what is asked, as it came. */
  readonly logPrompts?: boolean;
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
  { logger, keys, bodyBytes, requests, origins = [], logPrompts = false, version }: ServiceOptions,
): Service {
  const fleet = new Fleet(engines);
  const drain = new Drain();
  const metrics = new Metrics(fleet);
  const limit = new RequestLimit(requests);
  const before: readonly AppMiddleware[] = [
    // First, so that a page can read why it was refused.
    ...(origins.length > 0 ? [cors({ origin: [...origins], exposeHeaders })] : []),
    logFailures(logger),
    ...(keys ? [requireKey(keys)] : []),
    drain.middleware,
    limit.middleware,
    limitBody(bodyBytes),
    ...(logPrompts ? [logBodies(logger)] : []),
  ];
  const observer = all(metrics, limit, requestLog(logger));
  const app = createApp({ models: fleet.engines, before, observer, ...(version && { version }) });
  const probes = createProbes({ fleet, drain, metrics, ...(keys && { keys }) });
  const fetch: FetchHandler = (request, env) => {
    const asksProbe = request.method === "GET" && probePaths.includes(new URL(request.url).pathname);
    return (asksProbe ? probes : app).fetch(request, env);
  };
  return { fetch, fleet, drain };
}

const exposeHeaders = ["x-request-id", "retry-after"];

function all(...observers: readonly ServerObserver[]): ServerObserver {
  return {
    onRequest: (request) => {
      for (const observer of observers) observer.onRequest?.(request);
    },
    onEnd: (request, outcome) => {
      for (const observer of observers) observer.onEnd?.(request, outcome);
    },
  };
}
