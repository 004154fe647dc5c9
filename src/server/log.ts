/** Logs: one JSON object per line, one line per request. */
import { pino } from "pino";
import type { AppMiddleware, ObservedRequest, RequestOutcome, ServerObserver } from "./observer.ts";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

/** @param write receives each line, including the line break */
export function jsonLogger(level: LogLevel, write: (line: string) => void): Logger {
  const options = {
    level,
    // pino would write levels as numbers and times in milliseconds.
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    base: null,
  };
  return pino(options, { write });
}

/** Logs each request at its end, without prompts and answers. */
export function requestLog(logger: Logger): ServerObserver {
  return {
    onEnd: (request, outcome) => {
      logger[outcome.status >= 500 ? "error" : "info"](fieldsOf(request, outcome), "request");
    },
  };
}

function fieldsOf({ id, method, endpoint }: ObservedRequest, outcome: RequestOutcome) {
  const { totalMs, firstTokenMs, generated, ignoredFields: _, ...rest } = outcome;
  const times = { totalMs, firstTokenMs, queuedMs: generated?.queuedMs, decodeMs: generated?.decodeMs };
  const rounded = Object.entries(times).flatMap(([name, ms]) =>
    ms === undefined ? [] : [[name, Math.round(ms * 10) / 10] as const],
  );
  return { id, method, endpoint, ...rest, ...generated, ...Object.fromEntries(rounded) };
}

/** Logs the error and the cause of each response with a 5xx status. */
export function logFailures(logger: Logger): AppMiddleware {
  return async (context, next) => {
    await next();
    const { error } = context;
    if (!error || context.res.status < 500) return;
    const cause = error.cause instanceof Error ? error.cause : error;
    const fields = { id: context.get("observation").request.id, error: error.message };
    logger.error({ ...fields, cause: cause.message, stack: cause.stack }, "failure");
  };
}

/** Logs the bodies of requests, which contain the users' prompts. */
export function bodyLog(logger: Logger): ServerObserver {
  return {
    onBody: ({ id }, bytes) => logger.info({ id, body: new TextDecoder().decode(bytes) }, "body"),
  };
}

/** Clients may invent any number of field names, which would fill the log and the set of logged names. */
const maxLoggedNames = 256;

/** Logs each ignored field once, as its client may expect an effect. */
export function ignoredFieldLog(logger: Logger): ServerObserver {
  const logged = new Set<string>();
  return {
    onEnd: ({ id, endpoint }, { ignoredFields = [] }) => {
      for (const field of ignoredFields) {
        if (logged.has(field) || logged.size >= maxLoggedNames) continue;
        logged.add(field);
        logger.warn({ id, endpoint, field }, "ignored field");
      }
    },
  };
}
