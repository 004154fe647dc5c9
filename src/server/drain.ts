/** Graceful shutdown: the server finishes the accepted requests and rejects new ones. */
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./apiError.ts";

/** Seconds after which a restarted server or another replica should be available. */
const retryAfter = "5";

export class Drain {
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  begin(): void {
    this.#draining = true;
  }

  /** Rejects requests with 503 while the server drains: connections that are already open can still send some. */
  readonly middleware: MiddlewareHandler = async (context, next) => {
    if (this.#draining) {
      const headers = { "retry-after": retryAfter, connection: "close" };
      const message = "Cannot accept the request as the server is shutting down";
      throw new ApiError(503, "draining", message, { headers });
    }
    await next();
    // A kept-alive connection would keep the server running.
    if (this.#draining) context.res.headers.set("connection", "close");
  };
}
