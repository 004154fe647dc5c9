/** Server-sent events. A frame is made when the client reads it, so a slow client delays no other request. */

const encoder = new TextEncoder();

export function frame(data: object | string, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}

export interface SseOptions {
  /** Interval of comments while there is no event, so that proxies do not close the connection as idle. */
  readonly heartbeatMs: number;
  /** Called when the client disconnects. */
  readonly onCancel: () => void;
}

/** @param frames must not throw: an error has to be a frame as well */
export function sseResponse(
  frames: AsyncIterator<string, void, undefined>,
  { heartbeatMs, onCancel }: SseOptions,
): Response {
  let pending: Promise<IteratorResult<string, void>> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      pending ??= frames.next();
      const result = await within(pending, heartbeatMs);
      if (result === undefined) {
        controller.enqueue(encoder.encode(": still here\n\n"));
        return;
      }
      pending = undefined;
      if (result.done) controller.close();
      else controller.enqueue(encoder.encode(result.value));
    },
    async cancel() {
      onCancel();
      await frames.return?.();
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      // Without this header nginx would buffer the events.
      "x-accel-buffering": "no",
    },
  });
}

/** The value of a promise, or undefined if it takes longer than `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
