/** How much a server takes on: bytes of a body, and requests at a time. */
import type { MiddlewareHandler } from "hono";
import { concatenate } from "../core/concatenate.ts";
import { ApiError } from "./apiError.ts";
import type { AppMiddleware, ObservedRequest, ServerObserver } from "./observer.ts";

/** Refuses bodies of more bytes with 413, before or while they arrive: never more than the limit is kept. */
export function limitBody(maximumBytes: number): MiddlewareHandler {
  return async (context, next) => {
    const request = context.req.raw;
    const length = request.headers.get("content-length");
    // A length is the parser's to hold to, unless the body comes in chunks.
    if (length !== null && !request.headers.has("transfer-encoding")) {
      if (Number(length) > maximumBytes) throw tooLarge(maximumBytes, length);
      return next();
    }
    if (request.body) {
      context.req.raw = withBody(request, await readAtMost(request.body, maximumBytes));
    }
    return next();
  };
}

/** The same request with a body that has been read. */
export function withBody({ url, method, headers, signal }: Request, body: BodyInit): Request {
  return new Request(url, { method, headers, body, signal });
}

/** All bytes of a stream. @throws ApiError 413 as soon as there are more */
async function readAtMost(
  stream: ReadableStream<Uint8Array>,
  maximumBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not cancelled: the answer needs the connection.
  for await (const chunk of stream.values({ preventCancel: true })) {
    size += chunk.length;
    if (size > maximumBytes) throw tooLarge(maximumBytes, "more");
    chunks.push(chunk);
  }
  return concatenate(chunks) as Uint8Array<ArrayBuffer>;
}

function tooLarge(maximumBytes: number, found: string): ApiError {
  const message = `Cannot read the request as its body may have at most ${maximumBytes} bytes: found ${found}`;
  // The rest of the body is on its way, and nobody reads it.
  return new ApiError(413, "body_too_large", message, { headers: { connection: "close" } });
}

/** Refuses with 429 what would be one request too many under way, those that wait for their model among them. */
export class RequestLimit implements ServerObserver {
  readonly #maximum: number;
  readonly #underWay = new Set<ObservedRequest>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Counts POST requests: what only asks for something that is there, costs nothing. */
  readonly middleware: AppMiddleware = async (context, next) => {
    const { request } = context.get("observation");
    if (request.method === "POST") {
      if (this.#underWay.size >= this.#maximum) throw tooMany(this.#maximum);
      this.#underWay.add(request);
    }
    return next();
  };

  onEnd(request: ObservedRequest): void {
    this.#underWay.delete(request);
  }
}

function tooMany(maximum: number): ApiError {
  const message = `Cannot take on the request as the server has ${maximum} under way, the most that it may`;
  // About what an answer takes: then there is room again.
  return new ApiError(429, "too_many_requests", message, { headers: { "retry-after": "1" } });
}
