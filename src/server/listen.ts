/** Starts an HTTP server: Node's through @hono/node-server, or Deno's own. */
import type { Bound, FetchHandler, ListenOptions } from "./bound.ts";

export interface Listening extends Bound {
  /** For example `http://127.0.0.1:8000`. */
  readonly url: string;
}

/** @throws DiffusionError `io` if the server cannot listen on the address */
export async function listen(handler: FetchHandler, options: ListenOptions): Promise<Listening> {
  const bound =
    "Deno" in globalThis
      ? await (await import("./listenDeno.ts")).listenDeno(handler, options)
      : await (await import("./listenNode.ts")).listenNode(handler, options);
  const { host } = options;
  return { ...bound, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}` };
}
