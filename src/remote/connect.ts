/** The caller's side of a port: connects to an engine on the other side. */
import { abortable } from "../core/abortable.ts";
import { DiffusionError, found, throwIfAborted } from "../core/index.ts";
import { Connection, type LoadListener } from "./connection.ts";
import { type PortTarget, portOf } from "./portTarget.ts";
import { RemoteEngine } from "./remoteEngine.ts";

export interface ConnectOptions extends LoadListener {
  /** Aborts connecting, and loading on the other side. It has no effect once connected. */
  readonly signal?: AbortSignal;
  /** Maximum number of events of a generation that are sent and not yet consumed. Default 32. */
  readonly window?: number;
}

/**
 * Connects to the engine that is served at the other end of a port, and waits until the engine is loaded. A port has one
 * connection. A port that was closed earlier never responds: use a signal such as `AbortSignal.timeout(ms)`.
 * @throws DiffusionError `aborted`; `unsupported` if the other side runs another version of unmask; the error of loading
 *   on the other side; `io` if the worker or the port fails; `disposed` if the port is closed
 */
export async function connectEngine(
  target: PortTarget,
  { signal, window = 32, ...listener }: ConnectOptions = {},
): Promise<RemoteEngine> {
  const what = "connect to the engine";
  throwIfAborted(signal, what);
  if (!Number.isSafeInteger(window) || window < 1) {
    const message = `Cannot ${what} as 'window' must be a positive integer: found ${found(window)}`;
    throw new DiffusionError("invalid-request", message);
  }
  const connection = new Connection(portOf(target), listener);
  try {
    await abortable(connection.ready, signal, what);
  } catch (error) {
    connection.close(error);
    throw error;
  }
  return new RemoteEngine(connection, window);
}
