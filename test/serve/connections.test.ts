/** Connections over real sockets: incomplete requests, slow clients, and shutdown. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { FetchHandler, ListenOptions } from "../../src/server/bound.ts";
import { createApp } from "../../src/server/index.ts";
import { type Listening, listen } from "../../src/server/listen.ts";
import { operated } from "./operated.ts";

const open: Listening[] = [];
async function serve(handler: FetchHandler, options: Partial<ListenOptions> = {}): Promise<Listening> {
  const settings = { host: "127.0.0.1", port: 0, requestSeconds: 30, stallSeconds: 30, ...options };
  const listening = await listen(handler, settings);
  open.push(listening);
  return listening;
}
afterEach(async () => {
  for (const listening of open.splice(0)) await listening.drain(0);
});

/** Opens a connection and sends text. The test decides when to read. */
function send(port: number, text: string): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}
const ended = (socket: Socket) =>
  new Promise<void>((resolve) => socket.on("close", () => resolve()).resume());
const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** A response body without end, and its state. */
function endless() {
  const state = { bytes: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      state.bytes += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
    cancel() {
      state.cancelled = true;
    },
  });
  return { state, response: new Response(body) };
}

describe("a connection is closed", () => {
  test.each([
    ["that sends nothing", ""],
    ["whose headers do not end", "GET / HTTP/1.1\r\nHost: x\r\nX-A: "],
    ["whose body does not come", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123"],
  ])("%s", async (_, text) => {
    const { port } = await serve(async (request) => new Response(await request.text()), {
      requestSeconds: 0.2,
    });
    await ended(send(port, text));
  });

  test("whose client stops reading, and its response is cancelled", async () => {
    const { state, response } = endless();
    const { port } = await serve(() => response, { stallSeconds: 0.4 });
    const socket = send(port, get);
    socket.pause();
    await expect.poll(() => state.cancelled).toBe(true);
    await ended(socket);
  });

  test("by its client, and its response is cancelled", async () => {
    const { state, response } = endless();
    const { port } = await serve(() => response);
    const socket = send(port, get);
    socket.once("data", () => socket.destroy());
    await expect.poll(() => state.cancelled).toBe(true);
  });
});

test("a client that does not read causes back-pressure, and delays no other request", async () => {
  const { state, response } = endless();
  const { port, url } = await serve((request) =>
    request.url.endsWith("/endless") ? response : new Response("quick"),
  );
  const slow = send(port, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  slow.pause();
  await expect.poll(() => state.bytes).toBeGreaterThan(65_536);
  for (let count = 0; count < 200; count++) expect(await (await fetch(url)).text()).toBe("quick");
  // More than the buffers of two sockets. Without back-pressure the body would grow during all of these requests.
  expect(state.bytes).toBeLessThan(64e6);
  slow.destroy();
});

describe("a body of 100 MB is rejected while it arrives", () => {
  test.each([{ "content-length": 100_000_000 }, { "transfer-encoding": "chunked" }])(
    "%j",
    async (headers) => {
      const app = createApp({ models: new Map(), bodyBytes: 1_000_000 });
      const { port } = await serve(app.fetch);
      const chunk = new Uint8Array(1_000_000);
      const path = "/v1/completions";
      const upload = httpRequest({ port, path, host: "127.0.0.1", method: "POST", headers });
      let sent = 0;
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        upload.on("response", resolve).on("error", reject);
        const more = () => {
          while (sent < 100 && upload.write(chunk)) sent++;
          if (sent === 100) upload.end();
        };
        upload.on("drain", () => {
          sent++;
          more();
        });
        more();
      });
      expect(answer.statusCode).toBe(413);
      expect(sent).toBeLessThan(100);
      upload.destroy();
    },
  );
});

describe("an incomplete body", () => {
  const head = (path: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"model":`;
  const outcomes = async (bodyMs: number) => {
    const server = operated({}, { bodyMs });
    const { port } = await serve(server.fetch);
    const metrics = async () => (await server.get("/metrics")).text();
    return { ...server, port, metrics };
  };

  test("of a client that disconnects is a 499, and not logged as an error", async () => {
    const { port, log, metrics } = await outcomes(30_000);
    const socket = send(port, head("/v1/completions"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await expect
      .poll(() => log)
      .toMatchObject([
        { level: "info", msg: "request", status: 499, errorCode: "client_closed", aborted: true },
      ]);
    expect(await metrics()).toContain('{endpoint="/v1/completions",status="499"} 1');
  });

  test("of a client that stalls is a 408 that closes the connection, and not logged as an error", async () => {
    const { port, log, metrics } = await outcomes(50);
    const socket = send(port, head("/v1/chat/completions"));
    let text = "";
    socket.setEncoding("utf8").on("data", (data) => {
      text += data;
    });
    await ended(socket);
    expect(text).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    expect(log).toMatchObject([
      { level: "info", msg: "request", status: 408, errorCode: "request_timeout", aborted: false },
    ]);
    expect(await metrics()).toContain('{endpoint="/v1/chat/completions",status="408"} 1');
  });
});

describe("a server that drains", () => {
  test("accepts no connection, closes idle ones, and completes the response to a slow client", async () => {
    const text = "x".repeat(30_000_000);
    const listening = await serve(() => new Response(text));
    const { port, url } = listening;
    const idle = send(port, "");
    const slow = send(port, get.replace("/ ", "/slow "));
    let received = 0;
    await new Promise<void>((resolve) =>
      slow.once("data", (data: Buffer) => {
        received += data.length;
        slow.pause();
        resolve();
      }),
    );
    const draining = listening.drain(60_000);
    await ended(idle);
    await expect(fetch(url)).rejects.toThrow();
    slow.on("data", (data: Buffer) => {
      received += data.length;
    });
    const all = ended(slow);
    expect(await draining).toBe(true);
    await all;
    expect(received).toBeGreaterThan(text.length);
  });

  test("answers a request that arrives on an open connection", async () => {
    const listening = await serve(() => new Response("late"));
    const socket = send(listening.port, "");
    await new Promise((resolve) => socket.once("connect", resolve));
    const draining = listening.drain(60_000);
    let text = "";
    socket.setEncoding("utf8").on("data", (data) => {
      text += data;
    });
    const all = ended(socket);
    socket.write(get);
    expect(await draining).toBe(true);
    await all;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK.*late$/s);
  });

  test("closes remaining connections after the deadline", async () => {
    const { state, response } = endless();
    const listening = await serve(() => response);
    const socket = send(listening.port, get);
    await new Promise((resolve) => socket.once("data", resolve));
    expect(await listening.drain(50)).toBe(false);
    await ended(socket);
    expect(state.cancelled).toBe(true);
  });
});

test("the error for an address in use names the address", async () => {
  const { port } = await serve(() => new Response());
  await expect(serve(() => new Response(), { port })).rejects.toMatchObject({
    code: "io",
    message: `Cannot listen on 127.0.0.1 port ${port} as the system refuses: found "EADDRINUSE"`,
  });
});
