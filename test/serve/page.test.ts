/** The page at `/`: its files, their headers, and what it does not open. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Page } from "../../src/server/page/page.ts";
import { readPage } from "../../src/server/page/pageFiles.ts";
import { scripted } from "../server/support/scripted.ts";
import { type Operated, operated } from "./operated.ts";

const script = `console.log(${JSON.stringify("x".repeat(2000))});`;
const weights = Uint8Array.from({ length: 1000 }, (_, index) => index % 256);
const { handle } = scripted();

let root: string;
let server: Operated;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "unmask-page-"));
  const [page, model] = [join(root, "page"), join(root, "model")];
  mkdirSync(join(page, "assets"), { recursive: true });
  mkdirSync(model);
  writeFileSync(join(page, "index.html"), "<html><head><title>A page</title></head><body></body></html>");
  writeFileSync(join(page, "assets", "index-4f2a.js"), script);
  writeFileSync(join(model, "config.json"), "{}");
  writeFileSync(join(model, "model.safetensors"), weights);
  writeFileSync(join(root, "secret.txt"), "a secret");
  server = operated({ tiny: handle }, { page: new Page(await readPage({ page, model })), keys: ["k"] });
});
afterAll(() => rmSync(root, { recursive: true }));

const names = [
  "/",
  "/index.html",
  "/assets/index-4f2a.js",
  "/embedded/config.json",
  "/embedded/model.safetensors",
];
const headersOf = ({ headers }: Response) => Object.fromEntries(headers);

test.each(names)("%s is public, isolated, and not of another type than it says", async (name) => {
  const response = await server.get(name);
  expect(response.status).toBe(200);
  expect(headersOf(response)).toMatchObject({
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("default-src 'none'; script-src 'self'"),
  });
});

test("files have their types, and only those with a hash in their name are kept without a question", async () => {
  const found = await Promise.all(
    names.slice(1).map(async (name) => {
      const { headers } = await server.get(name);
      return [name, headers.get("content-type"), headers.get("cache-control")];
    }),
  );
  expect(found).toEqual([
    ["/index.html", "text/html; charset=utf-8", "no-cache"],
    ["/assets/index-4f2a.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/embedded/config.json", "application/json", "no-cache"],
    ["/embedded/model.safetensors", "application/octet-stream", "no-cache"],
  ]);
});

test("the page has the mark of a server of models", async () => {
  for (const name of ["/", "/index.html"])
    expect(await (await server.get(name)).text()).toBe(
      '<html><head><title>A page</title><meta name="unmask-server" content="." /></head><body></body></html>',
    );
});

test.each(names)("HEAD of %s is GET without a body", async (name) => {
  const [whole, head] = [await server.get(name), await server.get(name, { method: "HEAD" })];
  const { vary: _, ...headers } = headersOf(whole);
  expect([head.status, await head.text(), headersOf(head)]).toEqual([200, "", headers]);
});

test("a file that the browser has is not sent again, and text is compressed", async () => {
  const gzip = { "accept-encoding": "gzip" };
  const response = await server.get(names[2]!, { headers: gzip });
  expect([response.headers.get("content-encoding"), response.headers.get("vary")]).toEqual([
    "gzip",
    "Accept-Encoding",
  ]);
  const packed = await response.arrayBuffer();
  expect(packed.byteLength).toBeLessThan(script.length / 2);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  expect(await new Response(stream).text()).toBe(script);
  const etag = response.headers.get("etag")!;
  expect(etag).toMatch(/^W\/"/);
  const again = await server.get(names[2]!, { headers: { ...gzip, "if-none-match": `"other", ${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await server.get(names[2]!, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
});

test.each([
  ["bytes=10-19", 206, [10, 20], "bytes 10-19/1000"],
  ["bytes=990-", 206, [990, 1000], "bytes 990-999/1000"],
  ["bytes=-5", 206, [995, 1000], "bytes 995-999/1000"],
  ["bytes=900-5000", 206, [900, 1000], "bytes 900-999/1000"],
  ["bytes=1000-", 416, [0, 0], "bytes */1000"],
  ["bytes=5-4", 416, [0, 0], "bytes */1000"],
  ["bytes=0-1,4-5", 200, [0, 1000], null],
  ["lines=1-2", 200, [0, 1000], null],
])("the model is read by ranges: %s", async (range, status, [start, end], contentRange) => {
  const response = await server.get("/embedded/model.safetensors", { headers: { range } });
  expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(weights.slice(start, end));
});

test("a range of a file that has changed is the whole file", async () => {
  const headers = { range: "bytes=0-1", "if-range": '"other"' };
  expect((await server.get("/embedded/model.safetensors", { headers })).status).toBe(200);
});

test.each([
  "/secret.txt",
  "/assets/../../secret.txt",
  "/assets/%2e%2e/%2e%2e/secret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/assets//index-4f2a.js",
  "/embedded/",
  "/assets",
  "/__proto__",
  "/index.html%00",
])("'%s' is no file of the page", async (path) => {
  expect((await server.get(path)).status).toBe(401);
  const response = await server.get(path, { headers: { authorization: "Bearer k" } });
  expect([response.status, await response.json()]).toMatchObject([
    404,
    { error: { code: "unknown_endpoint" } },
  ]);
});

test("the page needs no key, and the API that it uses does", async () => {
  expect((await server.get("/")).status).toBe(200);
  expect((await server.get("/v1/models")).status).toBe(401);
  expect((await server.post("/", {})).status).toBe(401);
});

test("requests for the page are neither logged nor counted", async () => {
  const quiet = operated({ tiny: handle }, { page: new Page(undefined) });
  await quiet.get("/");
  expect(quiet.log).toEqual([]);
});

describe("a server", () => {
  test("without a page answers as for any other path", async () => {
    const { status } = await operated({ tiny: handle }).get("/");
    expect(status).toBe(404);
  });

  test("whose page is not built says how to build it", async () => {
    const files = await readPage({ page: join(root, "nowhere"), model: join(root, "model") });
    expect(files).toBeUndefined();
    const { get } = operated({ tiny: handle }, { page: new Page(files) });
    const response = await get("/");
    expect([response.status, response.headers.get("content-type")]).toEqual([
      404,
      "text/plain; charset=UTF-8",
    ]);
    expect(await response.text()).toMatch(/page is not built: run 'npm run build'/);
    expect((await get("/v1/models")).status).toBe(200);
  });
});
