/** A local web server with a handler that each test sets. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect } from "vitest";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Files = Readonly<Record<string, Uint8Array | string>>;

export class Loopback {
  /** The URL of the files' folder. */
  base = "";
  handle: Handler = (_, response) => response.writeHead(404).end();
  /** Requests in their order, for example "GET /m/config.json bytes=0-0". */
  requests: string[] = [];
  headersSeen: IncomingMessage["headers"][] = [];
  #server: Server | undefined;

  async open(): Promise<void> {
    this.requests = [];
    this.headersSeen = [];
    const server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url} ${request.headers.range ?? "-"}`);
      this.headersSeen.push(request.headers);
      this.handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
    this.#server = server;
  }
  async close(): Promise<void> {
    this.#server!.closeAllConnections();
    await new Promise((resolve) => this.#server!.close(resolve));
  }
}

/** A server that is new for each test of a file. */
export function loopback(): Loopback {
  const server = new Loopback();
  beforeEach(() => server.open());
  afterEach(() => server.close());
  return server;
}

/** A file of a hundred bytes; each byte is its own offset. */
export const data = Uint8Array.from({ length: 100 }, (_, i) => i);
export const etag = '"v1"';

/** The bytes of the requested file, or undefined after a 404. */
function fileOf(files: Files, request: IncomingMessage, response: ServerResponse): Uint8Array | undefined {
  const path = new URL(request.url ?? "", "http://127.0.0.1").pathname.replace(/^\/m\//, "");
  const content = files[decodeURIComponent(path)];
  if (content === undefined) response.writeHead(404).end("no such file");
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

export function rangeOf(request: IncomingMessage): { start: number; end: number } {
  const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  return { start: Number(start), end: Number(last) + 1 };
}

/** A correct server with ranges. `headers` replaces headers of its responses; undefined removes a header. */
export const withRanges =
  (files: Files, headers: Record<string, string | undefined> = {}): Handler =>
  (request, response) => {
    const bytes = fileOf(files, request, response);
    if (!bytes) return;
    const ranged = request.headers.range !== undefined;
    const { start, end } = ranged ? rangeOf(request) : { start: 0, end: bytes.length };
    const outside = ranged && start >= bytes.length;
    const body = outside ? new Uint8Array() : bytes.subarray(start, end);
    const contentRange = `bytes ${outside ? "*" : `${start}-${start + body.length - 1}`}/${bytes.length}`;
    const all = {
      "content-length": `${body.length}`,
      etag,
      ...(ranged && { "content-range": contentRange }),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    response
      .writeHead(outside ? 416 : ranged ? 206 : 200, sent)
      .end(request.method === "HEAD" ? undefined : body);
  };

export const withoutRanges =
  (files: Files): Handler =>
  (request, response) => {
    const bytes = fileOf(files, request, response);
    if (bytes) response.writeHead(200, { "content-length": bytes.length, etag }).end(bytes);
  };

/** Matches a DiffusionError with this code whose message contains this text. */
export const failure = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });
