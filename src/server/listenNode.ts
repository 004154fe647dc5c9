import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Bound, type FetchHandler, type ListenOptions, listenError } from "./bound.ts";

export async function listenNode(fetch: FetchHandler, options: ListenOptions): Promise<Bound> {
  const headersTimeout = options.requestSeconds * 1000;
  const serverOptions = {
    headersTimeout,
    // The handler limits the time of a body to as much again, and responds with 408. This limit ends bodies that no
    // handler reads.
    requestTimeout: 2 * headersTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout / 2, 5000),
    // TCP keep-alive detects clients that have vanished while nothing is sent to them.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  const server = createAdaptorServer({ fetch, serverOptions, overrideGlobalObjects: false }) as Server;
  const connections = new Connections(server);
  const stallMs = options.stallSeconds * 1000;
  const watch = setInterval(() => connections.endStalled(stallMs), Math.min(stallMs / 2, 1000));
  watch.unref();
  server.on("close", () => clearInterval(watch));
  const { host, port } = options;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(options, cause.code, cause)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return { port: bound, drain: (deadlineMs) => connections.drain(deadlineMs) };
}

/** Grace period in a drain for a new connection whose first request may still arrive. */
const freshMs = 1000;

interface Connection {
  /** Whether a request has arrived on this connection. */
  used: boolean;
  /** Pending responses: the bytes that the client had read at the last progress, and the time of that progress. */
  readonly responses: Map<ServerResponse, { read: number; since: number }>;
}

/** The open connections of a server with their pending responses. */
class Connections {
  readonly #server: Server;
  readonly #open = new Map<Socket, Connection>();
  #draining: Promise<void> | undefined;
  #cutOff = false;

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#open.set(socket, { used: false, responses: new Map() });
      socket.on("close", () => this.#open.delete(socket));
    });
    server.on("request", ({ socket }, response) => {
      const connection = this.#open.get(socket);
      if (!connection) return;
      connection.used = true;
      connection.responses.set(response, { read: 0, since: performance.now() });
      // `close` comes after the last byte has been handed to the system, or the connection is gone.
      response.on("close", () => {
        connection.responses.delete(response);
        if (this.#draining) this.#closeIdle();
      });
    });
  }

  /**
   * Closes connections whose client has read nothing for `stallMs` although data is waiting. Back-pressure alone would
   * keep such a response pending for ever.
   */
  endStalled(stallMs: number): void {
    const now = performance.now();
    for (const [socket, { responses }] of this.#open) {
      const read = socket.bytesWritten - socket.writableLength;
      for (const response of responses.values()) {
        if (socket.writableLength === 0 || read !== response.read)
          Object.assign(response, { read, since: now });
        else if (now - response.since >= stallMs) socket.destroy();
      }
    }
  }

  async drain(deadlineMs: number): Promise<boolean> {
    this.#draining ??= this.#close();
    const timer = setTimeout(() => {
      this.#cutOff ||= [...this.#open.values()].some(({ responses }) => responses.size > 0);
      for (const socket of this.#open.keys()) socket.destroy();
    }, deadlineMs);
    await this.#draining;
    clearTimeout(timer);
    return !this.#cutOff;
  }

  async #close(): Promise<void> {
    // One turn of the event loop, as connections that the system has accepted and this process has not would be reset.
    await new Promise((resolve) => setImmediate(resolve));
    // Not http's own close(): it destroys connections whose last bytes are not sent yet.
    const closed = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
    this.#closeIdle();
    const timer = setTimeout(() => {
      for (const connection of this.#open.values()) connection.used = true;
      this.#closeIdle();
    }, freshMs);
    await closed;
    clearTimeout(timer);
  }

  #closeIdle(): void {
    for (const [socket, { used, responses }] of this.#open)
      if (used && responses.size === 0) socket.destroy();
  }
}
