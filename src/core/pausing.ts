/**
 * Long computations that let others use their thread: generators that pause at each `yield`. Run to the end at once by
 * `finish`, or in slices between which the event loop goes on, by `inSlices`.
 */
import { throwIfAborted } from "./error.ts";

/** A computation of a T that may pause at each `yield`. */
export type Pausing<T> = Generator<undefined, T, undefined>;

/** Milliseconds for which a computation holds the thread; a step of one that takes longer is not cut. */
const sliceMs = 8;

/** Runs a computation to its end without a pause. */
export function finish<T>(computation: Pausing<T>): T {
  for (;;) {
    const step = computation.next();
    if (step.done) return step.value;
  }
}

/** The last of those who wait for a turn of the event loop: each gets one of its own, in the order in which they came. */
let last: Promise<void> = Promise.resolve();

function turn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setTimeout(resolve, 0)));
  return last;
}

/**
 * Runs a computation in slices of a few milliseconds. What fits in one slice does not wait. However many computations run
 * at a time, each turn of the event loop has one slice of one of them.
 * @param options.what what the computation is for, for the error
 * @throws DiffusionError `aborted` once the signal has fired, before the next slice; else what the computation throws
 */
export async function inSlices<T>(
  computation: Pausing<T>,
  { signal, what }: { readonly signal?: AbortSignal | undefined; readonly what: string },
): Promise<T> {
  throwIfAborted(signal, what);
  let start = performance.now();
  for (;;) {
    const step = computation.next();
    if (step.done) return step.value;
    if (performance.now() - start < sliceMs) continue;
    await turn();
    throwIfAborted(signal, what);
    start = performance.now();
  }
}
