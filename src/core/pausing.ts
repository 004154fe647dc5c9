/**
 * Long computations that share their thread: generators that may pause at each `yield`. `runNow` runs one to its end
 * without a pause; `runInSlices` lets the event loop run between slices of a few milliseconds.
 */
import { throwIfAborted } from "./error.ts";

/** A computation with a result of type T that may pause at each `yield`. */
export type Pausing<T> = Generator<undefined, T, undefined>;

/** Milliseconds for which a computation holds the thread. A longer step between two `yield`s is not interrupted. */
const sliceMs = 8;

/** Runs a computation to its end without a pause. */
export function runNow<T>(computation: Pausing<T>): T {
  for (;;) {
    const step = computation.next();
    if (step.done) return step.value;
  }
}

/** The tail of the queue of waiting computations. Each one gets its own turn of the event loop, first come, first served. */
let lastTurn: Promise<void> = Promise.resolve();

function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resolve) => setTimeout(resolve, 0)));
  return lastTurn;
}

/**
 * Runs a computation in slices of a few milliseconds. A computation that fits in one slice does not wait. Each turn of the
 * event loop runs one slice of one computation, however many computations there are.
 * @param options.what the computation, as the error names it
 * @throws DiffusionError `aborted` before the next slice once the signal has fired; else what the computation throws
 */
export async function runInSlices<T>(
  computation: Pausing<T>,
  { signal, what }: { readonly signal?: AbortSignal | undefined; readonly what: string },
): Promise<T> {
  throwIfAborted(signal, what);
  let start = performance.now();
  for (;;) {
    const step = computation.next();
    if (step.done) return step.value;
    if (performance.now() - start < sliceMs) continue;
    await nextTurn();
    throwIfAborted(signal, what);
    start = performance.now();
  }
}
