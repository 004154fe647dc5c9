/** Ports of the web, which Deno has too. */
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
      // What is thrown in a worker is an event of its own `self`, too, and goes from there to who has made it.
      const { error, ...rest } = listenersOf(listener);
      const heard = Object.entries(target === globalThis ? rest : { ...rest, error });
      for (const [type, hear] of heard) target.addEventListener(type, hear);
      stop = () => {
        for (const [type, hear] of heard) target.removeEventListener(type, hear);
      };
      if (target instanceof MessagePort) target.start();
    },
    close() {
      stop();
      // The `close` of a worker's `self` would end the worker.
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
      // It has been dealt with: else Deno ends the process.
      event.preventDefault();
      const { error, message } = event as ErrorEvent;
      onClosed(workerError(error ?? new Error(message || "its script could not be loaded")));
    },
  };
}
