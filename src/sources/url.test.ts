import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { safetensors } from "../../test/support/safetensors.ts";
import { openCheckpoint, WEIGHTS_INDEX_FILE } from "../core/weights/checkpoint.ts";
import { url } from "./url.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let base: string;
let handle: Handler;
/** "GET /m/config.json bytes=0-0", in the order of arrival. */
let requests: string[];
let headersSeen: IncomingMessage["headers"][];

beforeEach(async () => {
  requests = [];
  headersSeen = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? "-"}`);
    headersSeen.push(request.headers);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const data = Uint8Array.from({ length: 100 }, (_, i) => i);
const etag = '"v1"';
type Files = Record<string, Uint8Array | string>;

/** The named file's bytes, or an answer of 404. */
function fileOf(files: Files, request: IncomingMessage, response: ServerResponse): Uint8Array | undefined {
  const path = new URL(request.url ?? "", base).pathname.replace(/^\/m\//, "");
  const content = files[decodeURIComponent(path)];
  if (content === undefined) response.writeHead(404).end("no such file");
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function rangeOf(request: IncomingMessage): { start: number; end: number } {
  const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  return { start: Number(start), end: Number(last) + 1 };
}

/** A sound server with ranges; `headers` replaces or, with undefined, removes what it would send. */
const withRanges =
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

const withoutRanges =
  (files: Files): Handler =>
  (request, response) => {
    const bytes = fileOf(files, request, response);
    if (bytes) response.writeHead(200, { "content-length": bytes.length, etag }).end(bytes);
  };

const error = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });

describe("a server with ranges", () => {
  beforeEach(() => {
    handle = withRanges({ "x.bin": data, "sub/a b#c.bin": data, "empty.bin": "" });
  });

  test("is asked for the size once, then for the ranges alone", async () => {
    const file = await url(base).open("x.bin");
    expect(file).toMatchObject({ name: `${base}/x.bin`, size: 100 });
    expect([...(await file.read(10, 3))]).toEqual([10, 11, 12]);
    expect([...(await file.read(0, 100))]).toEqual([...data]);
    expect([...(await file.read(100, 0))]).toEqual([]);
    expect(requests).toEqual([
      "GET /m/x.bin bytes=0-0",
      "GET /m/x.bin bytes=10-12",
      "GET /m/x.bin bytes=0-99",
    ]);
  });

  test("may have empty files", async () => {
    const file = await url(base).open("empty.bin");
    expect(file.size).toBe(0);
    expect([...(await file.read(0, 0))]).toEqual([]);
  });

  test("gets names escaped, and the address's own query", async () => {
    const file = await url(`${base}/?token=secret`).open("sub/a b#c.bin");
    expect([...(await file.read(1, 1))]).toEqual([1]);
    expect(requests[0]).toBe("GET /m/sub/a%20b%23c.bin?token=secret bytes=0-0");
    expect(file.name).not.toContain("secret");
  });

  test("gets the headers", async () => {
    const file = await url(base, { headers: { authorization: "Bearer secret" } }).open("x.bin");
    await file.read(0, 1);
    expect(headersSeen.map((headers) => headers.authorization)).toEqual(["Bearer secret", "Bearer secret"]);
  });

  test("is never asked beyond the file", async () => {
    const file = await url(base).open("x.bin");
    await expect(file.read(99, 2)).rejects.toEqual(error("io", "range must lie within its 100 bytes"));
    expect(requests).toHaveLength(1);
  });

  test("may hide Content-Range from a page: then HEAD tells the size", async () => {
    handle = withRanges({ "x.bin": data }, { "content-range": undefined });
    const file = await url(base).open("x.bin");
    expect(file.size).toBe(100);
    expect([...(await file.read(7, 2))]).toEqual([7, 8]);
    expect(requests[1]).toBe("HEAD /m/x.bin -");
  });

  test("must tell the size in one way or the other", async () => {
    handle = (request, response) => {
      if (request.method === "HEAD") response.writeHead(200, { "transfer-encoding": "chunked" }).end();
      else response.writeHead(206).end("x");
    };
    await expect(url(base).open("x.bin")).rejects.toEqual(error("io", "must tell its size"));
  });

  test("may answer a range that is the whole file with 200", async () => {
    const file = await url(base).open("x.bin");
    handle = withoutRanges({ "x.bin": data });
    expect([...(await file.read(0, 100))]).toEqual([...data]);
    await expect(file.read(0, 99)).rejects.toEqual(
      error("io", "must send the range that was asked for: found status 200"),
    );
  });

  test("may not send another range", async () => {
    const file = await url(base).open("x.bin");
    handle = withRanges({ "x.bin": data }, { "content-range": "bytes 5-6/100" });
    await expect(file.read(3, 2)).rejects.toEqual(error("io", "must send the range that was asked for"));
  });

  test("may not send more than the range", async () => {
    const file = await url(base).open("x.bin");
    handle = (_, response) => response.writeHead(206, { "content-range": "bytes 3-4/100" }).end("12345");
    await expect(file.read(3, 2)).rejects.toEqual(error("io", "must send 2 bytes from 3 on: found more"));
  });

  test.each([
    ["ETag", { etag: '"v2"' }, 'found ETag "v2"'],
    ["length", { "content-range": "bytes 3-4/90" }, "found 90 bytes"],
  ])("may not change a file's %s between reads", async (_, headers, text) => {
    const file = await url(base).open("x.bin");
    handle = withRanges({ "x.bin": data }, headers);
    await expect(file.read(3, 2)).rejects.toEqual(
      error("io", `changed on the server while it was read: ${text}`),
    );
  });

  test("may weaken the ETag, or leave it out", async () => {
    const file = await url(base).open("x.bin");
    handle = withRanges({ "x.bin": data }, { etag: `W/${etag}` });
    expect([...(await file.read(3, 1))]).toEqual([3]);
    handle = withRanges({ "x.bin": data }, { etag: undefined });
    expect([...(await file.read(4, 1))]).toEqual([4]);
  });
});

describe("a server without ranges", () => {
  test("sends a small file once", async () => {
    handle = withoutRanges({ "x.bin": data });
    const file = await url(base).open("x.bin");
    expect(file.size).toBe(100);
    expect([...(await file.read(10, 3))]).toEqual([10, 11, 12]);
    (await file.read(0, 100)).fill(0);
    expect([...(await file.read(98, 2))]).toEqual([98, 99]);
    expect(requests).toHaveLength(1);
  });

  test("is refused for a large file before it is sent", async () => {
    let sentBytes = 0;
    handle = (_, response) => {
      response.writeHead(200, { "content-length": 2 ** 40 });
      const more = () => {
        while (!response.destroyed && response.write(data)) sentBytes += data.length;
      };
      response.on("drain", more);
      more();
    };
    await expect(url(base).open("x.bin")).rejects.toEqual(
      error("io", "ignores byte ranges and the file has more than 67108864 bytes: found 1099511627776"),
    );
    expect(sentBytes).toBeLessThan(16 * 2 ** 20);
  });

  test("is refused for a file of unknown length once that is too long", async () => {
    handle = (_, response) => {
      const chunk = new Uint8Array(2 ** 20);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    };
    await expect(url(base).open("x.bin")).rejects.toEqual(error("io", "ignores byte ranges"));
  });
});

describe("a status", () => {
  const answer = (status: number) => {
    handle = (_, response) => response.writeHead(status).end("body");
  };

  test.each([404, 410])("%d means that there is no such file", async (status) => {
    answer(status);
    await expect(url(base).open("x.bin")).rejects.toEqual(
      error(
        "not-found",
        `Cannot read '${base}/x.bin' as the server has no such file: found status ${status}`,
      ),
    );
    expect(requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 451])("%d is final, and no secret is in the message", async (status) => {
    answer(status);
    const source = url(`${base}?token=secret`, { headers: { authorization: "secret" } });
    const reason = await source.open("x.bin").catch((thrown) => thrown);
    expect(reason).toEqual(error("io", `found status ${status}`));
    expect(reason.message).not.toContain("secret");
    expect(requests).toHaveLength(1);
  });

  test.each([500, 503, 429])("%d is tried again, three times in all", async (status) => {
    answer(status);
    await expect(url(base).open("x.bin")).rejects.toEqual(
      error("io", `Cannot read '${base}/x.bin' as the request failed: found "status ${status}"`),
    );
    expect(requests).toHaveLength(3);
  });

  test("500 may pass", async () => {
    handle = (request, response) => {
      if (requests.length === 1) response.writeHead(500).end();
      else withRanges({ "x.bin": data })(request, response);
    };
    expect((await url(base).open("x.bin")).size).toBe(100);
  });

  test("of 200 with a web page is a development server's way to say 404", async () => {
    handle = (_, response) =>
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<!doctype html>");
    await expect(url(base).open("config.json")).rejects.toEqual(error("not-found", "found text/html"));
  });
});

describe("the network", () => {
  /** Announces all and sends half. */
  const truncating: Handler = (request, response) => {
    const { start, end } = rangeOf(request);
    response.writeHead(206, {
      "content-length": end - start,
      "content-range": `bytes ${start}-${end - 1}/100`,
    });
    response.write(data.subarray(start, start + (end - start) / 2), () => response.destroy());
  };

  test("breaks off for good", async () => {
    handle = withRanges({ "x.bin": data });
    const file = await url(base, { retries: 1 }).open("x.bin");
    handle = truncating;
    await expect(file.read(0, 100)).rejects.toEqual(error("io", "as the request failed: found "));
    expect(requests).toHaveLength(3);
  });

  test("breaks off once", async () => {
    handle = withRanges({ "x.bin": data });
    const file = await url(base).open("x.bin");
    handle = (request, response) => {
      (requests.length === 2 ? truncating : withRanges({ "x.bin": data }))(request, response);
    };
    expect([...(await file.read(0, 100))]).toEqual([...data]);
  });

  test("ends a body early without saying so", async () => {
    handle = withRanges({ "x.bin": data });
    const file = await url(base, { retries: 0 }).open("x.bin");
    handle = (_, response) =>
      response.writeHead(206, { "content-range": "bytes 0-99/100" }).end(data.subarray(0, 60));
    await expect(file.read(0, 100)).rejects.toEqual(error("io", 'found "60 of 100 bytes"'));
  });

  test("does not connect", async () => {
    await new Promise((resolve) => server.close(resolve));
    const reason = await url(base, { retries: 0 })
      .open("x.bin")
      .catch((thrown) => thrown);
    expect(reason).toEqual(error("io", "ECONNREFUSED"));
    expect(reason.cause).toBeInstanceOf(TypeError);
  });
});

describe("an abort", () => {
  const aborted = { code: "aborted", cause: "enough" };

  test("before a request sends none", async () => {
    handle = withRanges({ "x.bin": data });
    const file = await url(base).open("x.bin");
    const signal = AbortSignal.abort("enough");
    await expect(file.read(0, 1, signal)).rejects.toMatchObject(aborted);
    await expect(url(base).open("x.bin", signal)).rejects.toMatchObject(aborted);
    await expect(url(base).list(signal)).rejects.toMatchObject(aborted);
    expect(requests).toHaveLength(1);
  });

  test("ends a request that is not answered, and does not try again", async () => {
    const controller = new AbortController();
    handle = () => controller.abort("enough");
    await expect(url(base).open("x.bin", controller.signal)).rejects.toMatchObject(aborted);
    expect(requests).toHaveLength(1);
  });

  test("ends a body under way", async () => {
    handle = withRanges({ "x.bin": data });
    const file = await url(base).open("x.bin");
    const controller = new AbortController();
    handle = (_, response) => {
      response.writeHead(206, { "content-range": "bytes 0-99/100" });
      response.write(data.subarray(0, 10), () => setTimeout(() => controller.abort("enough"), 20));
    };
    await expect(file.read(0, 100, controller.signal)).rejects.toMatchObject(aborted);
  });

  test("ends the wait before another try", async () => {
    const controller = new AbortController();
    let abortedMs = 0;
    handle = (_, response) => {
      response.writeHead(503).end();
      if (requests.length < 3) return;
      // The third wait is 400 ms long.
      setTimeout(() => {
        abortedMs = performance.now();
        controller.abort("enough");
      }, 50);
    };
    const source = url(base, { retries: 20 });
    await expect(source.open("x.bin", controller.signal)).rejects.toMatchObject(aborted);
    expect(performance.now() - abortedMs).toBeLessThan(200);
    expect(requests).toHaveLength(3);
  });
});

describe("list", () => {
  const shard = (name: string) => safetensors([{ name, dtype: "f32", shape: [1], data: [3] }]);
  const sharded = {
    "config.json": "{}",
    "tokenizer.json": "{}",
    "unknown.json": "{}",
    [WEIGHTS_INDEX_FILE]:
      '{"weight_map":{"a":"m-1.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}',
    "m-1.safetensors": safetensors([
      { name: "a", dtype: "f32", shape: [1], data: [1] },
      { name: "b", dtype: "f32", shape: [1], data: [2] },
    ]),
    "m-2.safetensors": shard("c"),
  };

  test.each([
    ["with", withRanges],
    ["without", withoutRanges],
  ])("finds the well-known names and the index's shards %s ranges", async (_, serve) => {
    handle = serve(sharded);
    expect(await url(base).list()).toEqual([
      "config.json",
      "tokenizer.json",
      WEIGHTS_INDEX_FILE,
      "m-1.safetensors",
      "m-2.safetensors",
    ]);
  });

  test("does not hide that the server fails", async () => {
    handle = (_, response) => response.writeHead(403).end();
    await expect(url(base).list()).rejects.toEqual(error("io", "found status 403"));
  });

  test("lets a checkpoint say what else is there", async () => {
    handle = withRanges({ "config.json": "{}", "pytorch_model.bin": "x" });
    await expect(openCheckpoint(url(base))).rejects.toEqual(error("not-found", 'found "pytorch_model.bin"'));
  });

  test("opens a checkpoint of shards", async () => {
    handle = withRanges(sharded);
    const { tensors } = await openCheckpoint(url(base));
    const { source, offset, bytes } = tensors.get("c")!;
    expect([...(await source.read(offset, bytes))]).toEqual([0, 0, 0x40, 0x40]);
  });
});

describe("the address", () => {
  test.each(["not a url", "file:///etc", "ftp://x/y", "http://user:secret@host/m"])(
    "may not be %s",
    (address) => {
      expect(() => url(address)).toThrow(expect.objectContaining({ code: "invalid-request" }));
      expect(() => url(address)).not.toThrow("secret");
    },
  );

  test("names no file outside", async () => {
    handle = withRanges({ "x.bin": data });
    await expect(url(base).open("../x.bin")).rejects.toEqual(
      error("invalid-file", "must be a relative path"),
    );
    await expect(url(base).open("%2e%2e/x.bin")).rejects.toEqual(error("not-found", "/m/%252e%252e/x.bin"));
  });

  test("goes to the fetch that was given", async () => {
    const seen: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      seen.push(String(input));
      return new Response(null, { status: 404 });
    };
    await expect(url(new URL(base), { fetch }).open("x.bin")).rejects.toMatchObject({ code: "not-found" });
    expect(seen).toEqual([`${base}/x.bin`]);
  });
});
