/** The side that has no engine, and uses one as if it had. */
import { abortable } from "../core/abortable.ts";
import { DiffusionError, found, type LoadProgress, throwIfAborted } from "../core/index.ts";
import { Connection } from "./connection.ts";
import { type PortTarget, portOf } from "./portTarget.ts";
import { RemoteEngine } from "./remoteEngine.ts";

export interface ConnectOptions {
  /** Ends the attempt, and the loading on the other side; without effect once connected. */
  readonly signal?: AbortSignal;
  /** Told of the loading on the other side, if it loads the engine for this connection. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** The most events of a generation that are sent and not yet consumed; 32 by default. */
  readonly window?: number;
}

/**
 * Connects to the engine that is served at the other end of a port, and waits until it is loaded. One connection a port.
 * Nobody answers at a port that was closed before: a signal, as `AbortSignal.timeout(ms)`, ends the wait.
 * @throws DiffusionError `aborted`; `unsupported` if the other side is of another version of unmask; what loading
 *   throws there; `io` if the worker or the port fails, `disposed` if the port is closed
 */
export async function connectEngine(
  target: PortTarget,
  { signal, onProgress, window = 32 }: ConnectOptions = {},
): Promise<RemoteEngine> {
  const what = "connect to the engine";
  throwIfAborted(signal, what);
  if (!Number.isSafeInteger(window) || window < 1) {
    const message = `Cannot ${what} as 'window' must be a positive integer: found ${found(window)}`;
    throw new DiffusionError("invalid-request", message);
  }
  const connection = new Connection(portOf(target), onProgress);
  try {
    await abortable(connection.ready, signal, what);
  } catch (error) {
    connection.close(error);
    throw error;
  }
  return new RemoteEngine(connection, window);
}
