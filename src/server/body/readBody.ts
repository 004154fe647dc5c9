/** Reads and decompresses request bodies, within limits of size and time. */
import { ApiError } from "../apiError.ts";
import type { AppMiddleware } from "../observer.ts";
import { compressionOf, inflate } from "./encoding.ts";
import { GrowingBytes } from "./growingBytes.ts";

export interface BodyLimits {
  /** Maximum size of a body, both compressed and decompressed. */
  readonly bodyBytes: number;
  /** Timeout for a body to arrive, from the end of the headers. */
  readonly bodyMs: number;
}

export const defaultBodyLimits: BodyLimits = { bodyBytes: 8 * 2 ** 20, bodyMs: 30_000 };

/**
 * A middleware that reads the body into the context variable `body`. It never holds more than the maximum size.
 * @throws ApiError 413 for a larger body, as soon as that is known; 415 for an unsupported encoding; 408 after the
 *   timeout; 499 if the client disconnects
 */
export function readBody({ bodyBytes, bodyMs }: BodyLimits): AppMiddleware {
  return async (context, next) => {
    const { raw } = context.req;
    const format = compressionOf(raw.headers.get("content-encoding"));
    const length = raw.headers.get("content-length");
    if (Number(length) > bodyBytes) throw tooLarge(bodyBytes, length!);
    const arrived = raw.body ? await readStream(raw.body, bodyBytes, bodyMs) : new Uint8Array();
    const inflated = () => tooLarge(bodyBytes, "more after decompression");
    const body = format === undefined ? arrived : await inflate(arrived, format, bodyBytes, inflated);
    context.set("body", body);
    context.get("observation").noteBody(body);
    return next();
  };
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  ms: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const arrived = new GrowingBytes(maxBytes);
  // The stream is not cancelled, as that would close the connection before the response is sent. Releasing the lock
  // rejects the pending read.
  const reader = stream.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader.releaseLock();
  }, ms);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      if (!arrived.add(next.value)) throw tooLarge(maxBytes, "more");
    return arrived.bytes;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw late ? tooLate(ms, cause) : disconnected(cause);
  } finally {
    clearTimeout(timer);
    if (!late) reader.releaseLock();
  }
}

/** The rest of the body stays unread, so the connection cannot be used again. */
const closing = { connection: "close" };

function tooLarge(maxBytes: number, found: string): ApiError {
  const message = `Cannot read the request as its body may have at most ${maxBytes} bytes: found ${found}`;
  return new ApiError(413, "body_too_large", message, { headers: closing });
}

function tooLate(ms: number, cause: unknown): ApiError {
  const message = `Cannot read the request as its body must arrive within ${ms / 1000} seconds`;
  return new ApiError(408, "request_timeout", message, { headers: closing, cause });
}

function disconnected(cause: unknown): ApiError {
  const message = "Cannot read the request as its client disconnected before the end of the body";
  return new ApiError(499, "client_closed", message, { cause });
}
