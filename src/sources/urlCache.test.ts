/** Files of a web server in a cache: identified by address, size and ETag, as there are no checksums. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { data, failure, loopback, withRanges } from "../../test/support/loopback.ts";
import { diskCache } from "./diskCache.ts";
import { url } from "./url.ts";

const server = loopback();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unmask-url-"));
  server.handle = withRanges({ "x.bin": data });
});
afterEach(() => rmSync(folder, { recursive: true }));
const cached = () => url(`${server.base}?token=secret`, { cache: diskCache(folder), retries: 0 });
const content = async (name = "x.bin") => {
  const file = await cached().open(name);
  return [...(await file.read(0, file.size))];
};

test("a downloaded file is read from the cache, after a request for its version", async () => {
  expect(await cached().download!(["x.bin"])).toBe(true);
  expect(await cached().download!(["x.bin"])).toBe(false);
  const before = server.requests.length;
  expect(await content()).toEqual([...data]);
  expect(server.requests.slice(before)).toEqual(["GET /m/x.bin?token=secret bytes=0-0"]);
  expect((await cached().open("x.bin")).path).toContain(folder);
  expect(url(server.base).download).toBeUndefined();
});

test("another version is another file", async () => {
  await cached().download!(["x.bin"]);
  const other = data.slice().reverse();
  server.handle = withRanges({ "x.bin": other }, { etag: '"v2"' });
  expect(await cached().download!(["x.bin"])).toBe(true);
  expect(await content()).toEqual([...other]);
  server.handle = withRanges({ "x.bin": data });
  expect(await cached().download!(["x.bin"])).toBe(false);
});

test("a version that changes while it is downloaded is an error", async () => {
  server.handle = (request, response) =>
    withRanges({ "x.bin": data }, server.requests.length > 1 ? { etag: '"v2"' } : {})(request, response);
  await expect(cached().download!(["x.bin"])).rejects.toEqual(
    failure("io", 'it changed on the server: found ETag "v2"'),
  );
});

test("a server without ETags is read by ranges each time", async () => {
  server.handle = withRanges({ "x.bin": data }, { etag: undefined });
  expect(await cached().download!(["x.bin"])).toBe(false);
  expect(await content()).toEqual([...data]);
  expect(await diskCache(folder).list()).toEqual([]);
});

test("an interrupted download is resumed if the version is the same", async () => {
  server.handle = (request, response) => {
    if (server.requests.length !== 2) return withRanges({ "x.bin": data })(request, response);
    response.writeHead(206, { etag: '"v1"', "content-range": "bytes 0-99/100", "content-length": 100 });
    response.write(data.subarray(0, 30), () => setTimeout(() => response.destroy(), 50));
  };
  await expect(cached().download!(["x.bin"])).rejects.toEqual(failure("io", "the request failed"));
  expect(await cached().download!(["x.bin"])).toBe(true);
  expect(server.requests.at(-1)).toBe("GET /m/x.bin?token=secret bytes=30-99");
  expect(await content()).toEqual([...data]);
});

test("a changed file cannot be verified, and is downloaded again", async () => {
  await cached().download!(["x.bin"]);
  const name = (await diskCache(folder).list()).find((each) => /^urls\/[0-9a-f]{64}$/.test(each))!;
  writeFileSync(join(folder, name), data.slice().reverse());
  expect(await cached().download!(["x.bin"])).toBe(true);
  expect(await content()).toEqual([...data]);
});

test("the number of concurrent downloads must be a positive integer", () => {
  expect(() => url(server.base, { parallel: 1.5 })).toThrow(failure("invalid-request", "'parallel'"));
});
