/**
 * A local model hub that responds like Hugging Face's, and sends large files from another origin, its CDN. Tests can
 * inject failures.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach } from "vitest";

export interface HubRequest {
  readonly host: "hub" | "cdn";
  /** For example "GET /org/name/resolve/COMMIT/config.json bytes=0-0". */
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
}
/** Responds in place of the server; returns false to let the server respond. */
export type Interference = (request: HubRequest, response: ServerResponse) => boolean;

export const commitOf = (text: string) => createHash("sha1").update(text).digest("hex");

export class HubServer {
  readonly id = "org/model";
  requests: HubRequest[] = [];
  /** Files of the current commit by name. */
  files: Record<string, Uint8Array> = {};
  /** Whether a file is large: stored separately, and sent by the CDN. */
  isLarge = (name: string) => name.endsWith(".safetensors");
  interfere: Interference = () => false;
  /** Bytes that the CDN sends at a time, and its pause after each piece. */
  pace = { bytes: 2 ** 20, ms: 0 };
  /** Called after each piece that the CDN sends, with the total bytes. */
  onSent: (bytes: number) => void = () => {};
  sentBytes = 0;
  revisions: Record<string, string> = { main: commitOf("first") };
  #hub: Server | undefined;
  #cdn: Server | undefined;

  get endpoint(): string {
    return origin(this.#hub!);
  }
  get cdn(): string {
    return origin(this.#cdn!);
  }
  /** The lines of the requests to one of the hosts. */
  lines(host: HubRequest["host"]): string[] {
    return this.requests.filter((request) => request.host === host).map(({ line }) => line);
  }

  async open(): Promise<void> {
    this.#hub = await this.#listen("hub", (path, request, response) => this.#answer(path, request, response));
    this.#cdn = await this.#listen("cdn", (path, request, response) => this.#send(path, request, response));
  }

  async close(): Promise<void> {
    for (const server of [this.#hub!, this.#cdn!]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #listen(
    host: HubRequest["host"],
    answer: (path: string, request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<Server> {
    const server = createServer((request, response) => {
      const line = `${request.method} ${request.url} ${request.headers.range ?? "-"}`;
      const received = { host, line, headers: request.headers };
      this.requests.push(received);
      if (this.interfere(received, response)) return;
      answer(decodeURIComponent((request.url ?? "").replace(/\?.*/, "")), request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  #answer(path: string, request: IncomingMessage, response: ServerResponse): void {
    const [, revision] = /^\/api\/models\/org\/model\/revision\/(.+)$/.exec(path) ?? [];
    const commit =
      revision && (this.revisions[revision] ?? Object.values(this.revisions).find((c) => c === revision));
    if (commit) {
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(this.listing(commit)));
      return;
    }
    const [, at, name] = /^\/org\/model\/resolve\/([0-9a-f]{40})\/(.+)$/.exec(path) ?? [];
    const bytes = name !== undefined && Object.values(this.revisions).includes(at!) && this.files[name];
    if (!bytes) {
      response.writeHead(404, { "x-error-code": "EntryNotFound" }).end("Entry not found");
    } else if (this.isLarge(name)) {
      const location = `${this.cdn}/${name}?signature=secret`;
      response
        .writeHead(302, { location, "x-linked-size": bytes.length, "x-linked-etag": `"${sha256(bytes)}"` })
        .end();
    } else {
      sendRange(bytes, request, response);
    }
  }

  /** The hub's description of a commit. */
  listing(commit: string) {
    const siblings = Object.entries(this.files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      blobId: gitName(bytes),
      ...(this.isLarge(rfilename) && {
        lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 134 },
      }),
    }));
    return { id: this.id, sha: commit, private: false, siblings };
  }

  #send(path: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.files[path.slice(1)];
    if (!bytes) return void response.writeHead(404).end();
    const part = sendHead(bytes, request, response);
    let at = 0;
    const next = () => {
      if (response.destroyed) return;
      if (at >= part.length) return void response.end();
      const { bytes: atOnce, ms } = this.pace;
      const chunk = part.subarray(at, at + atOnce);
      at += chunk.length;
      response.write(chunk, () => {
        this.sentBytes += chunk.length;
        this.onSent(this.sentBytes);
        if (ms > 0) setTimeout(next, ms);
        else setImmediate(next);
      });
    };
    next();
  }
}

/** A server that is new for each test of a file. */
export function hubServer(): HubServer {
  const server = new HubServer();
  const { files, interfere, pace, onSent, isLarge, revisions } = server;
  beforeEach(async () => {
    Object.assign(server, { files, interfere, pace, onSent, isLarge, revisions, requests: [], sentBytes: 0 });
    await server.open();
  });
  afterEach(() => server.close());
  return server;
}

/** Pseudo-random bytes, so that a misplaced piece is detected. */
export function noise(bytes: number, seed: number): Uint8Array {
  const data = new Uint8Array(bytes);
  let state = (seed + 1) * 2654435761;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return data;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
function gitName(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Writes the head of a response for a file or a range of it. Returns the bytes of the body. */
function sendHead(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): Uint8Array {
  const etag = `"${sha256(bytes)}"`;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  if (first === undefined) {
    response.writeHead(200, { etag, "content-length": bytes.length });
    return bytes;
  }
  const start = Number(first);
  const part = bytes.subarray(start, Number(last) + 1);
  const range = part.length > 0 ? `${start}-${start + part.length - 1}` : "*";
  const headers = { etag, "content-length": part.length, "content-range": `bytes ${range}/${bytes.length}` };
  response.writeHead(part.length > 0 ? 206 : 416, headers);
  return part;
}
function sendRange(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  response.end(sendHead(bytes, request, response));
}
