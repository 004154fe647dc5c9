/** Server-sent events: a frame is made when its reader wants it, so that a slow one slows nobody but itself. */

const encoder = new TextEncoder();

export function frame(data: object | string, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}

export interface SseOptions {
  /** A comment is sent after so much silence, so that nothing on the way takes the connection for dead. */
  readonly heartbeatMs: number;
  /** The reader has left. */
  readonly onCancel: () => void;
}

/** Frames must not fail: an error is a frame too. */
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
      // nginx would else hold the events back.
      "x-accel-buffering": "no",
    },
  });
}

/** What the promise gives, or undefined if it takes longer. */
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
