import { abortable } from "../../abortable.ts";
import type { Backend, BackendFactory } from "../../tensor/index.ts";

/**
 * What a factory makes. One that comes after an abort is disposed.
 * @param what it is made for, for the error
 * @throws DiffusionError `aborted` as soon as the signal fires, even while the factory waits; what the factory throws
 */
export async function makeBackend(
  factory: BackendFactory,
  signal: AbortSignal | undefined,
  what: string,
): Promise<Backend> {
  const making = factory();
  return abortable(making, signal, what).catch((error: unknown) => {
    making.then((late) => late.dispose()).catch(() => {});
    throw error;
  });
}
