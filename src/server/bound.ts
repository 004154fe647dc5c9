/** A server that listens, whatever the runtime. */
import { DiffusionError, found } from "../core/index.ts";

export type FetchHandler = (request: Request, env?: unknown) => Response | Promise<Response>;

export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Time for the headers of a request to arrive. What sends nothing for so long is closed. Node only. */
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

/** What is told of an address that cannot be had. */
export function listenError({ host, port }: ListenOptions, reason: unknown, cause: unknown): DiffusionError {
  const message = `Cannot listen on ${host} port ${port} as the system refuses: found ${found(reason)}`;
  return new DiffusionError("io", message, { cause });
}
