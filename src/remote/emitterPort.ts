/** Ports of Node's `worker_threads`. */
import { DiffusionError } from "../core/index.ts";
import type { Port, PortListener } from "./port.ts";
import { closedError, unreadableError, workerError } from "./portErrors.ts";

/** A `Worker`, `MessagePort` or `parentPort` of Node. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: as Node declares its listeners
  on(event: string, listener: (value: any) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as Node declares its listeners
  off(event: string, listener: (value: any) => void): unknown;
  /** Message ports have it; Deno's `parentPort` and workers have not. */
  close?(): void;
}

export function emitterPort(target: EmitterPort): Port {
  let stop = () => {};
  return {
    post: (message) => target.postMessage(message),
    listen(listener) {
      const heard = Object.entries(listenersOf(listener));
      for (const [event, hear] of heard) target.on(event, hear);
      stop = () => {
        for (const [event, hear] of heard) target.off(event, hear);
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
      onClosed(new DiffusionError("io", `Cannot go on as the engine's worker has ended: found code ${code}`)),
  };
}
