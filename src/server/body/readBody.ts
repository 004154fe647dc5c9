/** Bodies of requests: read whole, within a limit of bytes and of time, and inflated where they came compressed. */
import { ApiError } from "../apiError.ts";
import type { AppMiddleware } from "../observer.ts";
import { compressionOf, inflate } from "./encoding.ts";
import { GrowingBytes } from "./growingBytes.ts";

export interface BodyLimits {
  /** The largest body, as it arrives and inflated. */
  readonly bodyBytes: number;
  /** How long a body may take to arrive, from the end of its headers. */
  readonly bodyMs: number;
}

export const defaultBodyLimits: BodyLimits = { bodyBytes: 8 * 2 ** 20, bodyMs: 30_000 };

/**
 * Puts the bytes of the body into the context. Never more than the limit is kept.
 * @throws ApiError 413 for a larger body, before or while it arrives; 415 for an encoding that is not read; 408 for a
 *   body that takes too long; 499 if its client leaves
 */
export function readBody({ bodyBytes, bodyMs }: BodyLimits): AppMiddleware {
  return async (context, next) => {
    const { raw } = context.req;
    const format = compressionOf(raw.headers.get("content-encoding"));
    const length = raw.headers.get("content-length");
    if (Number(length) > bodyBytes) throw tooLarge(bodyBytes, length!);
    const arrived = raw.body ? await arriving(raw.body, bodyBytes, bodyMs) : new Uint8Array();
    const inflated = () => tooLarge(bodyBytes, "more, inflated");
    const body = format === undefined ? arrived : await inflate(arrived, format, bodyBytes, inflated);
    context.set("body", body);
    context.get("observation").noteBody(body);
    return next();
  };
}

async function arriving(
  stream: ReadableStream<Uint8Array>,
  maximumBytes: number,
  ms: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const arrived = new GrowingBytes(maximumBytes);
  // The stream is never cancelled, as the answer needs its connection: to release its lock ends what waits for it.
  const reader = stream.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader.releaseLock();
  }, ms);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      if (!arrived.add(next.value)) throw tooLarge(maximumBytes, "more");
    return arrived.bytes;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw late ? tooLate(ms, cause) : left(cause);
  } finally {
    clearTimeout(timer);
    if (!late) reader.releaseLock();
  }
}

/** The rest of the body may still be on its way, and nobody reads it. */
const closing = { connection: "close" };

function tooLarge(maximumBytes: number, found: string): ApiError {
  const message = `Cannot read the request as its body may have at most ${maximumBytes} bytes: found ${found}`;
  return new ApiError(413, "body_too_large", message, { headers: closing });
}

function tooLate(ms: number, cause: unknown): ApiError {
  const message = `Cannot read the request as its body must arrive within ${ms / 1000} seconds`;
  return new ApiError(408, "request_timeout", message, { headers: closing, cause });
}

function left(cause: unknown): ApiError {
  const message = "Cannot read the request as its client left before the end of the body";
  return new ApiError(499, "client_closed", message, { cause });
}
