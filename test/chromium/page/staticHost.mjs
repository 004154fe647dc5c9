// A static host that serves a folder below a path, can stop and start again, and answers ranges as static hosts do.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

export class StaticHost {
  #server;
  #port = 0;

  /** @param path ends with a slash */
  constructor(folder, path) {
    this.folder = folder;
    this.path = path;
  }

  get address() {
    return `http://localhost:${this.#port}${this.path}`;
  }

  /** Listens, always on the same port. */
  async start() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => this.#server.listen(this.#port, "localhost", resolve));
    this.#port = this.#server.address().port;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, "http://host");
    const name = pathname.startsWith(this.path)
      ? pathname.slice(this.path.length) || "index.html"
      : undefined;
    const bytes = name && read(join(this.folder, name));
    if (!bytes) return response.writeHead(404).end();
    const headers = { "content-type": types[extname(name)] ?? "application/octet-stream" };
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined) return response.writeHead(200, headers).end(bytes);
    const part = bytes.subarray(Number(first), last ? Number(last) + 1 : undefined);
    const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`;
    return response.writeHead(206, { ...headers, "content-range": range }).end(part);
  }
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
