/** Files on a web server: which requests are sent, which responses are accepted, which files are listed. */
import { beforeEach, describe, expect, test } from "vitest";
import { data, etag, failure, loopback, withoutRanges, withRanges } from "../../test/support/loopback.ts";
import { safetensors } from "../../test/support/safetensors.ts";
import { openCheckpoint, weightsIndexFile } from "../core/weights/checkpoint.ts";
import { url } from "./url.ts";

const server = loopback();

describe("a server with ranges", () => {
  beforeEach(() => {
    server.handle = withRanges({ "x.bin": data, "sub/a b#c.bin": data, "empty.bin": "" });
  });

  test("gets one request for the size, then one for each range", async () => {
    const file = await url(server.base).open("x.bin");
    expect(file).toMatchObject({ name: `${server.base}/x.bin`, size: 100 });
    expect([...(await file.read(10, 3))]).toEqual([10, 11, 12]);
    expect([...(await file.read(0, 100))]).toEqual([...data]);
    expect([...(await file.read(100, 0))]).toEqual([]);
    expect(server.requests).toEqual([
      "GET /m/x.bin bytes=0-0",
      "GET /m/x.bin bytes=10-12",
      "GET /m/x.bin bytes=0-99",
    ]);
  });

  test("may have empty files", async () => {
    const file = await url(server.base).open("empty.bin");
    expect(file.size).toBe(0);
    expect([...(await file.read(0, 0))]).toEqual([]);
  });

  test("gets no request for names beside the files that are known", async () => {
    server.handle = withRanges({ "config.json": "{}", "x.bin": data });
    const source = url(server.base, { files: ["x.bin", "config.json"] });
    expect(await source.list()).toEqual(["config.json", "x.bin"]);
    expect(server.requests.map((request) => request.split(" ")[1])).toEqual(["/m/config.json", "/m/x.bin"]);
    await expect(source.open("y.bin")).rejects.toEqual(failure("not-found", "'files' does not name it"));
    expect(server.requests).toHaveLength(2);
  });

  test("gets escaped names and the query of the address", async () => {
    const file = await url(`${server.base}/?token=secret`).open("sub/a b#c.bin");
    expect([...(await file.read(1, 1))]).toEqual([1]);
    expect(server.requests[0]).toBe("GET /m/sub/a%20b%23c.bin?token=secret bytes=0-0");
    expect(file.name).not.toContain("secret");
  });

  test("gets the headers", async () => {
    const file = await url(server.base, { headers: { authorization: "Bearer secret" } }).open("x.bin");
    await file.read(0, 1);
    expect(server.headersSeen.map((headers) => headers.authorization)).toEqual([
      "Bearer secret",
      "Bearer secret",
    ]);
  });

  test("gets no request for bytes behind the file", async () => {
    const file = await url(server.base).open("x.bin");
    await expect(file.read(99, 2)).rejects.toEqual(failure("io", "range must lie within its 100 bytes"));
    expect(server.requests).toHaveLength(1);
  });

  test("may hide Content-Range from a page: then HEAD reports the size", async () => {
    server.handle = withRanges({ "x.bin": data }, { "content-range": undefined });
    const file = await url(server.base).open("x.bin");
    expect(file.size).toBe(100);
    expect([...(await file.read(7, 2))]).toEqual([7, 8]);
    expect(server.requests[1]).toBe("HEAD /m/x.bin -");
  });

  test("must report the size in one of the two ways", async () => {
    server.handle = (request, response) => {
      if (request.method === "HEAD") response.writeHead(200, { "transfer-encoding": "chunked" }).end();
      else response.writeHead(206).end("x");
    };
    await expect(url(server.base).open("x.bin")).rejects.toEqual(failure("io", "must report its size"));
  });

  test("may answer with 200 if the range is the whole file", async () => {
    const file = await url(server.base).open("x.bin");
    server.handle = withoutRanges({ "x.bin": data });
    expect([...(await file.read(0, 100))]).toEqual([...data]);
    await expect(file.read(0, 99)).rejects.toEqual(
      failure("io", "must send the requested range: found status 200"),
    );
  });

  test("may not send another range", async () => {
    const file = await url(server.base).open("x.bin");
    server.handle = withRanges({ "x.bin": data }, { "content-range": "bytes 5-6/100" });
    await expect(file.read(3, 2)).rejects.toEqual(failure("io", "must send the requested range"));
  });

  test("may not send more than the range", async () => {
    const file = await url(server.base).open("x.bin");
    server.handle = (_, response) =>
      response.writeHead(206, { "content-range": "bytes 3-4/100" }).end("12345");
    await expect(file.read(3, 2)).rejects.toEqual(failure("io", "must send 2 bytes from 3 on: found more"));
  });

  test.each([
    ["ETag", { etag: '"v2"' }, 'found ETag "v2"'],
    ["length", { "content-range": "bytes 3-4/90" }, "found 90 bytes"],
  ])("may not change a file's %s between reads", async (_, headers, text) => {
    const file = await url(server.base).open("x.bin");
    server.handle = withRanges({ "x.bin": data }, headers);
    await expect(file.read(3, 2)).rejects.toEqual(
      failure("io", `changed on the server while it was read: ${text}`),
    );
  });

  test("may send the ETag as weak, or omit it", async () => {
    const file = await url(server.base).open("x.bin");
    server.handle = withRanges({ "x.bin": data }, { etag: `W/${etag}` });
    expect([...(await file.read(3, 1))]).toEqual([3]);
    server.handle = withRanges({ "x.bin": data }, { etag: undefined });
    expect([...(await file.read(4, 1))]).toEqual([4]);
  });
});

describe("a server without ranges", () => {
  test("sends a small file once", async () => {
    server.handle = withoutRanges({ "x.bin": data });
    const file = await url(server.base).open("x.bin");
    expect(file.size).toBe(100);
    expect([...(await file.read(10, 3))]).toEqual([10, 11, 12]);
    (await file.read(0, 100)).fill(0);
    expect([...(await file.read(98, 2))]).toEqual([98, 99]);
    expect(server.requests).toHaveLength(1);
  });

  test("is refused for a large file before the file is sent", async () => {
    let sentBytes = 0;
    server.handle = (_, response) => {
      response.writeHead(200, { "content-length": 2 ** 40 });
      const more = () => {
        while (!response.destroyed && response.write(data)) sentBytes += data.length;
      };
      response.on("drain", more);
      more();
    };
    await expect(url(server.base).open("x.bin")).rejects.toEqual(
      failure("io", "ignores byte ranges and the file has more than 67108864 bytes: found 1099511627776"),
    );
    expect(sentBytes).toBeLessThan(16 * 2 ** 20);
  });

  test("is refused for a file of unknown length once it has sent too much", async () => {
    server.handle = (_, response) => {
      const chunk = new Uint8Array(2 ** 20);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    };
    await expect(url(server.base).open("x.bin")).rejects.toEqual(failure("io", "ignores byte ranges"));
  });
});

describe("list", () => {
  const shard = (name: string) => safetensors([{ name, dtype: "f32", shape: [1], data: [3] }]);
  const sharded = {
    "config.json": "{}",
    "tokenizer.json": "{}",
    "unknown.json": "{}",
    [weightsIndexFile]: '{"weight_map":{"a":"m-1.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}',
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
    server.handle = serve(sharded);
    expect(await url(server.base).list()).toEqual([
      "config.json",
      "tokenizer.json",
      weightsIndexFile,
      "m-1.safetensors",
      "m-2.safetensors",
    ]);
  });

  test("probes for a tokenizer's parts if there is no tokenizer.json", async () => {
    server.handle = withRanges({ "config.json": "{}", "vocab.json": "{}", "merges.txt": "" });
    expect(await url(server.base).list()).toEqual(["config.json", "vocab.json", "merges.txt"]);
    server.handle = withRanges({ "tokenizer.json": "{}", "vocab.json": "{}", "merges.txt": "" });
    expect(await url(server.base).list()).toEqual(["tokenizer.json"]);
  });

  test("fails if the server fails", async () => {
    server.handle = (_, response) => response.writeHead(403).end();
    await expect(url(server.base).list()).rejects.toEqual(failure("io", "found status 403"));
  });

  test("has other weights, for the error of a checkpoint", async () => {
    server.handle = withRanges({ "config.json": "{}", "pytorch_model.bin": "x" });
    await expect(openCheckpoint(url(server.base))).rejects.toEqual(
      failure("not-found", 'found "pytorch_model.bin"'),
    );
  });

  test("opens a checkpoint of shards", async () => {
    server.handle = withRanges(sharded);
    const { tensors } = await openCheckpoint(url(server.base));
    const { source, offset, bytes } = tensors.get("c")!;
    expect([...(await source.read(offset, bytes))]).toEqual([0, 0, 0x40, 0x40]);
  });
});

describe.each([401, 403])("a bucket that answers %d for missing files", (status) => {
  const bucket = (files: Record<string, string>) => {
    const serve = withRanges(files);
    server.handle = (request, response) => {
      const name = request.url!.replace(/^\/m\//, "");
      if (name in files) serve(request, response);
      else response.writeHead(status).end("<Error><Code>AccessDenied</Code></Error>");
    };
  };

  test("is listed if config.json can be read", async () => {
    bucket({ "config.json": "{}", "tokenizer_config.json": "{}", "vocab.json": "{}", "merges.txt": "" });
    expect(await url(server.base).list()).toEqual([
      "config.json",
      "tokenizer_config.json",
      "vocab.json",
      "merges.txt",
    ]);
  });

  test("reports a missing file as not found, before and after a listing", async () => {
    bucket({ "config.json": "{}" });
    const source = url(server.base);
    const missing = failure("not-found", `so the file probably does not exist: found status ${status}`);
    await expect(source.open("tokenizer.json")).rejects.toEqual(missing);
    await source.list();
    await expect(source.open("tokenizer.json")).rejects.toEqual(missing);
    await expect(openCheckpoint(source)).rejects.toEqual(
      expect.objectContaining({ code: "not-found", cause: missing }),
    );
  });

  test("is an io error if config.json cannot be read either", async () => {
    bucket({ "tokenizer.json": "{}" });
    const refused = failure("io", `does it need an authorization header?): found status ${status}`);
    await expect(url(server.base).list()).rejects.toEqual(refused);
    await expect(url(server.base).open("model.safetensors")).rejects.toEqual(refused);
  });

  test("is an io error for a file that was opened before", async () => {
    const large = "x".repeat(2 ** 17);
    bucket({ "config.json": "{}", "tokenizer.json": large });
    const source = url(server.base);
    await source.list();
    const file = await source.open("tokenizer.json");
    bucket({ "config.json": "{}" });
    await expect(file.read(0, large.length)).rejects.toEqual(failure("io", `found status ${status}`));
  });
});

describe("a listing", () => {
  test("requests each file once, and opening a file uses its result", async () => {
    const config = `{"a":"${"b".repeat(1000)}"}`;
    server.handle = withRanges({ "config.json": config, "tokenizer.json": "t".repeat(2 ** 17) });
    const source = url(server.base);
    const names = await source.list();
    const before = server.requests.length;
    const file = await source.open("config.json");
    expect(new TextDecoder().decode(await file.read(0, file.size))).toBe(config);
    await expect(source.open("chat_template.jinja")).rejects.toMatchObject({ code: "not-found" });
    expect(server.requests).toHaveLength(before);
    // The rest of a larger file has to be read.
    const larger = await source.open(names[1]!);
    await larger.read(0, larger.size);
    expect(server.requests.slice(before)).toEqual([`GET /m/tokenizer.json bytes=0-${2 ** 17 - 1}`]);
  });

  test("sends new requests each time", async () => {
    server.handle = withRanges({ "config.json": "{}" });
    const source = url(server.base);
    await source.list();
    server.handle = withRanges({ "config.json": '{"new":1}', "tokenizer.json": "{}" }, { etag: '"v2"' });
    expect(await source.list()).toEqual(["config.json", "tokenizer.json"]);
    expect((await source.open("config.json")).size).toBe(9);
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

  test("must not be left by a file's name", async () => {
    server.handle = withRanges({ "x.bin": data });
    await expect(url(server.base).open("../x.bin")).rejects.toEqual(
      failure("invalid-file", "must be a relative path"),
    );
    await expect(url(server.base).open("%2e%2e/x.bin")).rejects.toEqual(
      failure("not-found", "/m/%252e%252e/x.bin"),
    );
  });

  test("is passed to the option 'fetch'", async () => {
    const seen: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      seen.push(String(input));
      return new Response(null, { status: 404 });
    };
    await expect(url(new URL(server.base), { fetch }).open("x.bin")).rejects.toMatchObject({
      code: "not-found",
    });
    expect(seen).toEqual([`${server.base}/x.bin`]);
  });
});
