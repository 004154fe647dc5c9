import { abortable } from "../../abortable.ts";
import type { Backend, BackendFactory } from "../../tensor/index.ts";

/**
 * Makes a backend. A backend that the factory delivers after an abort is disposed.
 * @param what the action that needs the backend, for error messages
 * @throws DiffusionError `aborted` as soon as the signal fires, even while the factory is waiting; errors of the factory
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
