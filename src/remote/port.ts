/** The interface of a port, which both sides of a connection use. */
import type { DiffusionError } from "../core/index.ts";

export interface Port {
  /** Sends plain data. @throws DOMException `DataCloneError` for data that cannot be cloned */
  post(message: unknown): void;
  /** Starts listening. Called once. */
  listen(listener: PortListener): void;
  /** Stops listening, and closes a message port so that the other side is notified. A worker keeps running. */
  close(): void;
}

export interface PortListener {
  onMessage(data: unknown): void;
  /** The port has ended: `disposed` if it was closed, `io` if the port or the other side failed. */
  onClosed(why: DiffusionError): void;
}
