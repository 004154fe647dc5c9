/** The end of a server: what it has accepted is finished, and nothing more is accepted. */
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./apiError.ts";

/** After so many seconds a server that was started anew, or another one, should be there. */
const retryAfter = "5";

export class Drain {
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  begin(): void {
    this.#draining = true;
  }

  /** While the server drains, refuses with 503 what comes over connections that were open before. */
  readonly middleware: MiddlewareHandler = async (context, next) => {
    if (this.#draining) {
      const headers = { "retry-after": retryAfter, connection: "close" };
      const message = "Cannot take on the request as the server is shutting down";
      throw new ApiError(503, "draining", message, { headers });
    }
    await next();
    // The connection would keep the server from ending.
    if (this.#draining) context.res.headers.set("connection", "close");
  };
}
