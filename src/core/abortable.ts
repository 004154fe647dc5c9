import { throwIfAborted } from "./error.ts";

/**
 * Resolves with the promise's value, unless the signal fires first. For work that cannot be stopped.
 * @param what the work, as the error names it
 * @throws DiffusionError `aborted` as soon as the signal fires; the work continues and its result is dropped
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
): Promise<T> {
  if (!signal) return promise;
  let onAbort = () => {};
  const fired = new Promise<void>((resolve) => {
    onAbort = resolve;
    if (signal.aborted) resolve();
    signal.addEventListener("abort", onAbort);
  });
  const aborted = fired.then((): never => {
    throwIfAborted(signal, what);
    throw signal.reason;
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
