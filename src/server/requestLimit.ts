/** How many requests a server takes on at a time. */
import { ApiError } from "./apiError.ts";
import type { AppMiddleware, ObservedRequest, ServerObserver } from "./observer.ts";

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
