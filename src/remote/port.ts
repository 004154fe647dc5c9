/** A port as both sides of a connection use it. */
import type { DiffusionError } from "../core/index.ts";

export interface Port {
  /** Sends plain data. @throws what structured cloning throws */
  post(message: unknown): void;
  /** Begins to listen; called once. */
  listen(listener: PortListener): void;
  /** Stops to listen, and closes a port whose other end should know. A worker goes on. */
  close(): void;
}

export interface PortListener {
  onMessage(data: unknown): void;
  /** Nothing comes any more: `disposed` where the port was closed, `io` where the other side or the port failed. */
  onClosed(why: DiffusionError): void;
}
