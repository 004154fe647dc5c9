/** A service in this process, with its log. */
import type { EngineHandle } from "../../src/core/index.ts";
import { jsonLogger } from "../../src/server/log.ts";
import { createService, type Service, type ServiceOptions } from "../../src/server/service.ts";

export interface Operated extends Service {
  /** The parsed lines of the log. */
  readonly log: Readonly<Record<string, unknown>>[];
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  get(path: string, init?: RequestInit): Promise<Response>;
}

export function operated(
  engines: Readonly<Record<string, EngineHandle>>,
  options: Partial<Omit<ServiceOptions, "logger">> = {},
): Operated {
  const log: Readonly<Record<string, unknown>>[] = [];
  const logger = jsonLogger("debug", (line) => log.push(JSON.parse(line)));
  const limits = { bodyBytes: 100_000, bodyMs: 30_000, maxRequests: 100 };
  const service = createService(new Map(Object.entries(engines)), { logger, ...limits, ...options });
  const send = async (path: string, init: RequestInit) =>
    service.fetch(new Request(`http://127.0.0.1${path}`, init));
  return {
    ...service,
    log,
    get: (path, init = {}) => send(path, init),
    post: (path, body, init = {}) =>
      send(path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
      }),
  };
}

/** A conversation that models/tiny answers in about one forward pass. */
export const sorting = {
  model: "tiny",
  messages: [{ role: "user", content: "sort 3 1 2" }],
  diffusion: { canvas: 32 },
};
