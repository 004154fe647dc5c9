/** The interface of a listening server, the same under Node and Deno. */
import { DiffusionError, found } from "../core/index.ts";

export type FetchHandler = (request: Request, env?: unknown) => Response | Promise<Response>;

export interface ListenOptions {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  /** Timeout for the headers of a request, and for connections that send nothing. Node only. */
  readonly requestSeconds: number;
  /** Close a connection whose client reads nothing of its response for this long. Node only. */
  readonly stallSeconds: number;
}

/** A server that is bound to a port. */
export interface Bound {
  readonly port: number;
  /**
   * Stops accepting connections, and resolves once all pending responses are sent and their connections are closed.
   * After the deadline the remaining connections are closed at once.
   * @returns whether all responses were sent completely
   */
  drain(deadlineMs: number): Promise<boolean>;
}

/** The error for an address that the server cannot listen on. */
export function listenError({ host, port }: ListenOptions, reason: unknown, cause: unknown): DiffusionError {
  const message = `Cannot listen on ${host} port ${port} as the system refuses: found ${found(reason)}`;
  return new DiffusionError("io", message, { cause });
}
