/** The limit of concurrent requests. */
import { ApiError } from "./apiError.ts";
import type { AppMiddleware, ObservedRequest, ServerObserver } from "./observer.ts";

/** Rejects requests above the limit with 429. Requests that wait in a model's queue count as well. */
export class RequestLimit implements ServerObserver {
  readonly #maxRequests: number;
  readonly #running = new Set<ObservedRequest>();

  constructor(maxRequests: number) {
    this.#maxRequests = maxRequests;
  }

  /** Counts POST requests only, as GET requests compute nothing. */
  readonly middleware: AppMiddleware = async (context, next) => {
    const { request } = context.get("observation");
    if (request.method === "POST") {
      if (this.#running.size >= this.#maxRequests) throw tooMany(this.#maxRequests);
      this.#running.add(request);
    }
    return next();
  };

  onEnd(request: ObservedRequest): void {
    this.#running.delete(request);
  }
}

function tooMany(maxRequests: number): ApiError {
  const message = `Cannot accept the request as the server allows ${maxRequests} concurrent requests: retry later`;
  // About the time of one generation.
  return new ApiError(429, "too_many_requests", message, { headers: { "retry-after": "1" } });
}
