/** Where requests come from: Node's server behind @hono/node-server, or Deno's own. */
import { DiffusionError, found } from "../core/index.ts";

export type FetchHandler = (request: Request, env?: unknown) => Response | Promise<Response>;

export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Time for a request to arrive, headers and body. What sends nothing for so long is closed. Node only. */
  readonly requestSeconds: number;
  /** How long a reader may take nothing of an answer before it is left. Node only. */
  readonly stallSeconds: number;
}

/** A server that listens. */
export interface Bound {
  readonly port: number;
  /**
   * Accepts no connection any more, and resolves once every answer that is under way is out and its connection closed.
   * After the deadline those that are left are cut off.
   * @returns whether none was
   */
  drain(deadlineMs: number): Promise<boolean>;
}

export interface Listening extends Bound {
  /** As in `http://127.0.0.1:8000`. */
  readonly url: string;
}

/** @throws DiffusionError `io` if the port cannot be had */
export async function listen(handler: FetchHandler, options: ListenOptions): Promise<Listening> {
  const bound =
    "Deno" in globalThis
      ? await (await import("./listenDeno.ts")).listenDeno(handler, options)
      : await (await import("./listenNode.ts")).listenNode(handler, options);
  const { host } = options;
  return { ...bound, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}` };
}

/** What is told of an address that cannot be had. */
export function listenError({ host, port }: ListenOptions, reason: unknown, cause: unknown): DiffusionError {
  const message = `Cannot listen on ${host} port ${port} as the system refuses: found ${found(reason)}`;
  return new DiffusionError("io", message, { cause });
}
