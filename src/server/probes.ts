/** Health checks and metrics. They are not part of the API, so they are neither counted nor logged. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { apiErrorOf } from "./apiError.ts";
import type { Drain } from "./drain.ts";
import type { Fleet } from "./fleet.ts";
import { requireKey } from "./keys.ts";
import type { Metrics } from "./metrics.ts";

export const probePaths: readonly string[] = ["/health", "/health/live", "/health/ready", "/metrics"];

export function isProbe({ method, url }: Request): boolean {
  return (method === "GET" || method === "HEAD") && probePaths.includes(new URL(url).pathname);
}

export interface ProbeOptions {
  readonly fleet: Fleet;
  readonly drain: Drain;
  readonly metrics: Metrics;
  /** Allows pages of other origins. */
  readonly cors?: MiddlewareHandler;
  /** API keys, required for `/metrics`; health checks need none. */
  readonly keys?: readonly string[];
}

/**
 * `/health/live` responds with 200 as long as the process runs. `/health/ready` and `/health` respond with 200 while the
 * server accepts requests for at least one model, else with 503.
 */
export function createProbes({ fleet, drain, metrics, cors, keys }: ProbeOptions): Hono {
  const probes = new Hono();
  probes.onError((error) => {
    const { body, status, headers } = apiErrorOf(error);
    return Response.json(body, { status, headers });
  });
  if (cors) probes.use(cors);
  const ready = (context: Context) => {
    const models = [...fleet.engines.keys()].map((name) => [name, fleet.lossOf(name) ? "lost" : "ready"]);
    const status = drain.draining ? "draining" : fleet.allLost ? "lost" : "ready";
    return context.json({ status, models: Object.fromEntries(models) }, status === "ready" ? 200 : 503);
  };
  probes.get("/health", ready);
  probes.get("/health/ready", ready);
  probes.get("/health/live", (context) => context.json({ status: "live" }));
  if (keys) probes.use("/metrics", requireKey(keys));
  probes.get("/metrics", async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
  return probes;
}
