/** Tries again what a network or a busy server may refuse now and grant later. */
import { DiffusionError, found, throwIfAborted } from "../core/error.ts";

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 30_000;
/** A server that asks for more than this is as good as refusing. */
const LONGEST_WISH_MS = 120_000;

export interface RetryOptions {
  /** How errors name what is read. */
  readonly name: string;
  /** How often another try follows one that failed without any progress. */
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

/** A failure that may pass, as a busy server's; it may say how long it wants to be left alone. */
export class PassingFailure extends Error {
  readonly delayMs: number | undefined;

  constructor(message: string, delayMs?: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/**
 * What `attempt` resolves with. It is called again after a wait that doubles each time, or is as long as the server
 * asks for. A DiffusionError is final, any other error counts as a failure of the network.
 * @param attempt calls `progress` when it has got on: the count of tries then starts anew
 * @throws DiffusionError `io` with the last failure as its cause, `aborted`, and what `attempt` throws of that class
 */
export async function retrying<Result>(
  { name, retries, signal }: RetryOptions,
  attempt: (progress: () => void) => Promise<Result>,
): Promise<Result> {
  let failures = 0;
  const progress = () => {
    failures = 0;
  };
  for (;;) {
    throwIfAborted(signal, `read '${name}'`);
    let wish: number | undefined;
    try {
      return await attempt(progress);
    } catch (cause) {
      throwIfAborted(signal, `read '${name}'`);
      if (cause instanceof DiffusionError) throw cause;
      wish = cause instanceof PassingFailure ? cause.delayMs : undefined;
      if (failures >= retries || (wish ?? 0) > LONGEST_WISH_MS) {
        const asked = (wish ?? 0) > LONGEST_WISH_MS ? `, to be tried again after ${wish! / 1000} s` : "";
        throw new DiffusionError(
          "io",
          `Cannot read '${name}' as the request failed: found ${reason(cause)}${asked}`,
          { cause },
        );
      }
    }
    await delay(wish ?? Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS), signal);
    failures++;
  }
}

/** The wait in a Retry-After header, in ms: seconds, or a date. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return 1000 * Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Node says only "fetch failed" itself and has the reason as the cause. */
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
