declare const setImmediate: ((callback: () => void) => unknown) | undefined;

/**
 * Resolves after other tasks (timers, input, messages) had a turn; a resolved promise alone would not give them one.
 * setTimeout comes last, as browsers stretch nested ones to 4 ms.
 */
export function yieldToEventLoop(): Promise<void> {
  if (typeof setImmediate === "function") {
    return new Promise((resolve) => setImmediate(resolve));
  }
  if (typeof MessageChannel === "function") {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  }
  return new Promise((resolve) => setTimeout(resolve));
}
