/** Node's and the web's ports, made into one. */
import { type EmitterPort, emitterPort } from "./emitterPort.ts";
import { type EventTargetPort, eventTargetPort } from "./eventTargetPort.ts";
import type { Port } from "./port.ts";

/**
 * What a port is made of: a `Worker`, `MessagePort` or `DedicatedWorkerGlobalScope` (a worker's `self`) of the web or
 * Deno, a `Worker`, `MessagePort` or `parentPort` of Node, or a `Port` of one's own.
 */
export type PortTarget = Port | EmitterPort | EventTargetPort;

/**
 * What a port notices: that a Node worker ended or failed, that a web worker failed, that a message port was closed
 * (in Node, and where the web has an event for it). Nobody is told that a web worker was terminated,
 * or that a message port of Deno or Chromium was closed.
 */
export function portOf(target: PortTarget): Port {
  if ("listen" in target) return target;
  return "on" in target ? emitterPort(target) : eventTargetPort(target);
}
