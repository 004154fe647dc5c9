import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Bound, type FetchHandler, type ListenOptions, listenError } from "./bound.ts";

export async function listenNode(fetch: FetchHandler, options: ListenOptions): Promise<Bound> {
  const headersTimeout = options.requestSeconds * 1000;
  const serverOptions = {
    headersTimeout,
    // The handler gives a body as much time again, and answers what is late itself. This ends what it does not read.
    requestTimeout: 2 * headersTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout / 2, 5000),
    // So that a peer that vanished is noticed although nothing is sent to it.
    ...{ keepAlive: true, keepAliveInitialDelay: 30_000 },
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

/** After so long a connection that has brought no request is closed although one might just be coming. */
const freshMs = 1000;

interface Connection {
  /** Whether it has brought a request. */
  used: boolean;
  /** Under way: for each when bytes of the connection were last taken, and how many had been by then. */
  readonly answers: Map<ServerResponse, { taken: number; since: number }>;
}

/** The connections of a server, and which of them have an answer under way. */
class Connections {
  readonly #server: Server;
  readonly #open = new Map<Socket, Connection>();
  #draining: Promise<void> | undefined;
  #cutOff = false;

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#open.set(socket, { used: false, answers: new Map() });
      socket.on("close", () => this.#open.delete(socket));
    });
    server.on("request", ({ socket }, response) => {
      const connection = this.#open.get(socket);
      if (!connection) return;
      connection.used = true;
      connection.answers.set(response, { taken: 0, since: performance.now() });
      // After the last byte has been handed to the system, or the connection is gone.
      response.on("close", () => {
        connection.answers.delete(response);
        if (this.#draining) this.#closeIdle();
      });
    });
  }

  /**
   * Ends connections whose reader has taken nothing for so long although there is something for it. That is more than
   * back-pressure: such an answer would be under way for ever.
   */
  endStalled(stallMs: number): void {
    const now = performance.now();
    for (const [socket, { answers }] of this.#open) {
      const taken = socket.bytesWritten - socket.writableLength;
      for (const answer of answers.values()) {
        if (socket.writableLength === 0 || taken !== answer.taken)
          Object.assign(answer, { taken, since: now });
        else if (now - answer.since >= stallMs) socket.destroy();
      }
    }
  }

  async drain(deadlineMs: number): Promise<boolean> {
    this.#draining ??= this.#close();
    const timer = setTimeout(() => {
      this.#cutOff ||= [...this.#open.values()].some(({ answers }) => answers.size > 0);
      for (const socket of this.#open.keys()) socket.destroy();
    }, deadlineMs);
    await this.#draining;
    clearTimeout(timer);
    return !this.#cutOff;
  }

  async #close(): Promise<void> {
    // Connections that the system has accepted, and this process not yet, would be reset: they have one turn.
    await new Promise((resolve) => setImmediate(resolve));
    // Not http's own close(): that destroys connections whose last bytes have not been taken yet.
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
    for (const [socket, { used, answers }] of this.#open) if (used && answers.size === 0) socket.destroy();
  }
}
