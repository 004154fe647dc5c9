import { DiffusionError } from "./error.ts";

/**
 * Returns what `make` allocates.
 * @param what the allocation, as the error names it
 * @throws DiffusionError `out-of-memory`, with the number of bytes, if the runtime has no memory or no array that long
 */
export function allocate<T>(what: string, bytes: number, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `Cannot hold ${what} as there is no memory for its ${bytes} bytes`;
    throw new DiffusionError("out-of-memory", message, { cause });
  }
}
