import { EventSourceParserStream } from "eventsource-parser/stream";

/**
 * The data of each server-sent event. Leaving the loop closes the connection. The signal ends the loop without an error.
 * @throws the error of the connection
 */
export async function* eventData(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  // Not every `fetch` ends the body with its signal.
  const leave = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value.data;
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}
