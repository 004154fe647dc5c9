/** The page of a server. Like health checks, its files are neither counted nor logged, and need no API key. */
import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { byteRangeOf } from "./byteRange.ts";
import type { PageFile, PageFiles } from "./pageFiles.ts";

const policy = [
  "default-src 'none'",
  // WebAssembly is allowed, and `eval` is not.
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  // Models are loaded from the hub, whose files lie on other hosts, and from addresses that the user enters.
  "connect-src * data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * With the first two headers the page is isolated from other origins, as shared memory and exact clocks require. `require-corp`
 * and not `credentialless`, which Safari lacks: the page reads other origins with CORS only, and both allow that.
 */
const pageHeaders: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": policy,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const missing = `This server has no page, as its page is not built: run 'npm run build' in a clone of unmask, with all development
dependencies installed. The HTTP API does not need the page: /openapi.json describes it.
`;

export class Page {
  readonly #app = new Hono();
  readonly #paths: ReadonlySet<string>;

  /** @param files undefined if the page is not built: then `/` says so */
  constructor(files: PageFiles | undefined) {
    this.#paths = new Set(files?.keys() ?? ["/"]);
    this.#app.use(compress());
    this.#app.get("*", (c) => {
      const file = files?.get(c.req.path);
      return file ? answer(c, file) : c.text(missing, 404, { "cache-control": "no-store" });
    });
  }

  /** Whether a request is one for a file of the page. */
  has({ method, url }: Request): boolean {
    return (method === "GET" || method === "HEAD") && this.#paths.has(new URL(url).pathname);
  }

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

function answer(c: Context, { bytes, type, etag, isHashed }: PageFile): Response {
  const headers: Record<string, string> = {
    ...pageHeaders,
    "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
  };
  if (isSame(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
  headers["content-type"] = type;
  headers["accept-ranges"] = "bytes";
  const condition = c.req.header("if-range");
  const range =
    condition === undefined || condition === etag
      ? byteRangeOf(c.req.header("range"), bytes.length)
      : undefined;
  if (range === null) return c.body(null, 416, { ...headers, "content-range": `bytes */${bytes.length}` });
  const { start, end } = range ?? { start: 0, end: bytes.length };
  headers["content-length"] = String(end - start);
  if (range) headers["content-range"] = `bytes ${start}-${end - 1}/${bytes.length}`;
  return c.body(bytes.subarray(start, end), range ? 206 : 200, headers);
}

/** Compression makes a tag weak, and here tags are compared without that. */
function isSame(header: string | undefined, etag: string): boolean {
  return (header ?? "").split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
}
