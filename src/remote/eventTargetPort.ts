/** Adapts ports of the web, which Deno has as well. */
import type { Port, PortListener } from "./port.ts";
import { closedError, unreadableError, workerError } from "./portErrors.ts";

/** A `Worker`, a `MessagePort`, or the `self` of a dedicated worker. */
export interface EventTargetPort {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}

export function eventTargetPort(target: EventTargetPort): Port {
  let stop = () => {};
  return {
    post: (message) => target.postMessage(message),
    listen(listener) {
      // An error in a worker is an event of its `self` first, and then of the Worker object. Handling the first would
      // keep it from the caller.
      const { error, ...rest } = listenersOf(listener);
      const listeners = Object.entries(target === globalThis ? rest : { ...rest, error });
      for (const [type, handle] of listeners) target.addEventListener(type, handle);
      stop = () => {
        for (const [type, handle] of listeners) target.removeEventListener(type, handle);
      };
      if (target instanceof MessagePort) target.start();
    },
    close() {
      stop();
      // Closing a worker's `self` would end the worker.
      if (target instanceof MessagePort) target.close();
    },
  };
}

function listenersOf({ onMessage, onClosed }: PortListener) {
  return {
    message: (event: Event) => onMessage((event as MessageEvent).data),
    messageerror: () => onClosed(unreadableError()),
    close: () => onClosed(closedError()),
    error: (event: Event) => {
      // Marks the error as handled: otherwise Deno exits the process.
      event.preventDefault();
      const { error, message } = event as ErrorEvent;
      onClosed(workerError(error ?? new Error(message || "its script could not be loaded")));
    },
  };
}
