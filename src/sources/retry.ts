/** Repeats requests that fail for a transient reason: the network, or a busy server. */
import { DiffusionError, found, throwIfAborted } from "../core/error.ts";

const firstDelayMs = 100;
const maxDelayMs = 30_000;
/** A longer Retry-After counts as a refusal. */
const maxRetryAfterMs = 120_000;

export interface RetryOptions {
  /** The file, as errors name it. */
  readonly name: string;
  /** The maximum number of retries without progress between them. */
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

/** A failure that a retry may overcome. `delayMs` is the wait that the server requested, if any. */
export class TransientError extends Error {
  readonly delayMs: number | undefined;

  constructor(message: string, delayMs?: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/**
 * Calls `attempt` until it succeeds. Between calls it waits for the time that the server requests, else twice as long as
 * before. A DiffusionError is final; any other error counts as a network failure.
 * @param attempt calls `progress` after each progress, which resets the count of retries
 * @throws DiffusionError `io` with the last failure as its cause, `aborted`, and any DiffusionError from `attempt`
 */
export async function withRetries<Result>(
  { name, retries, signal }: RetryOptions,
  attempt: (progress: () => void) => Promise<Result>,
): Promise<Result> {
  let failures = 0;
  const progress = () => {
    failures = 0;
  };
  for (;;) {
    throwIfAborted(signal, `read '${name}'`);
    let requestedMs: number | undefined;
    try {
      return await attempt(progress);
    } catch (cause) {
      throwIfAborted(signal, `read '${name}'`);
      if (cause instanceof DiffusionError) throw cause;
      requestedMs = cause instanceof TransientError ? cause.delayMs : undefined;
      if (failures >= retries || (requestedMs ?? 0) > maxRetryAfterMs) {
        const hint = (requestedMs ?? 0) > maxRetryAfterMs ? `, Retry-After ${requestedMs! / 1000} s` : "";
        throw new DiffusionError(
          "io",
          `Cannot read '${name}' as the request failed: found ${reason(cause)}${hint}`,
          { cause },
        );
      }
    }
    await delay(requestedMs ?? Math.min(firstDelayMs * 2 ** failures, maxDelayMs), signal);
    failures++;
  }
}

/** Parses a Retry-After header, which has seconds or a date, to milliseconds. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return 1000 * Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Node's own message is only "fetch failed"; the reason is in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return found(error);
  const inner = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return found(error.message + inner);
}

function delay(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal?.addEventListener("abort", finish, { once: true });
    if (signal?.aborted) finish();
  });
}
