import { DiffusionError } from "./error.ts";

/**
 * What `make` allocates.
 * @param what is allocated, for the error
 * @throws DiffusionError `out-of-memory`, naming the bytes, where the runtime has no room for them or no array so long
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
