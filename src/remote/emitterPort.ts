/** Adapts ports of Node's `worker_threads`. */
import { DiffusionError } from "../core/index.ts";
import type { Port, PortListener } from "./port.ts";
import { closedError, unreadableError, workerError } from "./portErrors.ts";

/** A `Worker`, `MessagePort` or `parentPort` of Node. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: Node's type of listeners
  on(event: string, listener: (value: any) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: Node's type of listeners
  off(event: string, listener: (value: any) => void): unknown;
  /** Only message ports have `close`; workers and Deno's `parentPort` do not. */
  close?(): void;
}

export function emitterPort(target: EmitterPort): Port {
  let stop = () => {};
  return {
    post: (message) => target.postMessage(message),
    listen(listener) {
      const listeners = Object.entries(listenersOf(listener));
      for (const [event, handle] of listeners) target.on(event, handle);
      stop = () => {
        for (const [event, handle] of listeners) target.off(event, handle);
      };
    },
    close() {
      stop();
      target.close?.();
    },
  };
}

function listenersOf({ onMessage, onClosed }: PortListener) {
  return {
    message: (data: unknown) => onMessage(data),
    messageerror: (error: unknown) => onClosed(unreadableError(error)),
    close: () => onClosed(closedError()),
    error: (error: unknown) => onClosed(workerError(error)),
    exit: (code: number) =>
      onClosed(
        new DiffusionError("io", `Cannot continue as the engine's worker has ended: found code ${code}`),
      ),
  };
}
