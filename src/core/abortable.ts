import { throwIfAborted } from "./error.ts";

/**
 * What the promise resolves with, unless the signal fires before: for work that cannot be stopped, or is not worth it.
 * @param what the promise is for, for the error
 * @throws DiffusionError `aborted` as soon as the signal fires; the work goes on unheard
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
