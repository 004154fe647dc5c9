/** The engine's side of a port. */
import type { EngineHandle } from "../core/index.ts";
import { type PortTarget, portOf } from "./portTarget.ts";
import { type EngineLoader, ServedConnection } from "./servedConnection.ts";

/**
 * Serves an engine to the caller at the other end of a port. A worker's own port (`self`, `parentPort`) loses messages until
 * it has a listener. So a worker must call this function before its first `await`, and pass a function that loads the engine.
 *
 * The connection ends when the caller disposes the engine or disconnects, or when the port is closed or fails. Its end aborts
 * all generations of this caller. An engine that was loaded by the function is disposed then. An engine that was passed as
 * handle is disposed only if the caller requests it, and may have several callers, each with its own port.
 *
 * The caller's `window` bounds the events of a generation that are sent and not yet consumed. The engine does not wait for a
 * slow reader: further events stay in a queue on this side, at most those of the rest of the answer.
 *
 * @returns resolves once the connection and its generations have ended: with the error if loading, a message or the other
 *   side failed, else with undefined. Never rejects, as the caller receives the error.
 */
export function serveEngine(target: PortTarget, engine: EngineHandle | EngineLoader): Promise<unknown> {
  return new ServedConnection(portOf(target)).serve(engine);
}
