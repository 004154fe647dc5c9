/** The side that has the engine. */
import type { EngineHandle } from "../core/index.ts";
import { type PortTarget, portOf } from "./portTarget.ts";
import { type EngineLoader, ServedConnection } from "./servedConnection.ts";

/**
 * Serves an engine to the one caller at the other end of a port. A worker's own port (`self`, `parentPort`) loses messages
 * until it is listened to, so a worker calls this before it awaits anything, with a function that loads the engine.
 *
 * The end of the connection (the caller disposes the engine or disconnects, the port is closed or fails) ends all
 * generations of this caller. An engine that was loaded here is then disposed; one that was handed in is disposed only
 * if the caller says so, and may have several callers, each with a port.
 *
 * What is bounded: of each generation, the events that were sent and not yet consumed, by the caller's `window`. The
 * engine itself does not wait for a slow reader: what it decides meanwhile stays in its queue on this side, at most the
 * rest of the answer.
 *
 * @returns resolves once the connection and its generations have ended: with the reason if something failed (loading,
 *   a message that is not understood, the other side), else with undefined. Never rejects, as the caller is told.
 */
export function serveEngine(target: PortTarget, engine: EngineHandle | EngineLoader): Promise<unknown> {
  return new ServedConnection(portOf(target)).serve(engine);
}
