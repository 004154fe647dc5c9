/** Adapts the ports of Node and the web to one interface. */
import { type EmitterPort, emitterPort } from "./emitterPort.ts";
import { type EventTargetPort, eventTargetPort } from "./eventTargetPort.ts";
import type { Port } from "./port.ts";

/**
 * A `Worker`, `MessagePort` or `DedicatedWorkerGlobalScope` (a worker's `self`) of the web or Deno; a `Worker`,
 * `MessagePort` or `parentPort` of Node; or a custom `Port`.
 */
export type PortTarget = Port | EmitterPort | EventTargetPort;

/**
 * The port reports that a Node worker ended or failed, that a web worker failed, and that a message port was closed, in
 * Node and in browsers with an event for it. No platform reports the termination of a web worker, and Deno and Chromium do
 * not report that a message port was closed.
 */
export function portOf(target: PortTarget): Port {
  if ("listen" in target) return target;
  return "on" in target ? emitterPort(target) : eventTargetPort(target);
}
