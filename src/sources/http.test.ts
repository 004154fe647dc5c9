/** Failing requests: by status, by a broken connection, by an abort. */
import { describe, expect, test } from "vitest";
import { data, failure, type Handler, loopback, rangeOf, withRanges } from "../../test/support/loopback.ts";
import { url } from "./url.ts";

const server = loopback();

describe("a status", () => {
  const answer = (status: number) => {
    server.handle = (_, response) => response.writeHead(status).end("body");
  };

  test.each([404, 410])("%d means that the file does not exist", async (status) => {
    answer(status);
    await expect(url(server.base).open("x.bin")).rejects.toEqual(
      failure(
        "not-found",
        `Cannot read '${server.base}/x.bin' as the server has no such file: found status ${status}`,
      ),
    );
    expect(server.requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 451])("%d is final, and no secret is in the message", async (status) => {
    answer(status);
    const source = url(`${server.base}?token=secret`, { headers: { authorization: "secret" } });
    const reason = await source.open("x.bin").catch((thrown) => thrown);
    expect(reason).toEqual(failure("io", `found status ${status}`));
    expect(reason.message).not.toContain("secret");
    // After a refusal config.json is probed: if it can be read, the file does not exist.
    const requested = server.requests.map((line) => line.replace(/^GET \/m\/(.+)\?.*$/, "$1"));
    expect(requested).toEqual([401, 403].includes(status) ? ["x.bin", "config.json"] : ["x.bin"]);
  });

  test.each([500, 503, 429])("%d is retried, with three requests in total", async (status) => {
    answer(status);
    await expect(url(server.base).open("x.bin")).rejects.toEqual(
      failure("io", `Cannot read '${server.base}/x.bin' as the request failed: found "status ${status}"`),
    );
    expect(server.requests).toHaveLength(3);
  });

  test("a retry after 500 may succeed", async () => {
    server.handle = (request, response) => {
      if (server.requests.length === 1) response.writeHead(500).end();
      else withRanges({ "x.bin": data })(request, response);
    };
    expect((await url(server.base).open("x.bin")).size).toBe(100);
  });

  test("of 200 with a web page counts as 404, as development servers answer so", async () => {
    server.handle = (_, response) =>
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<!doctype html>");
    await expect(url(server.base).open("config.json")).rejects.toEqual(
      failure("not-found", "found text/html"),
    );
  });
});

describe("the network", () => {
  /** Announces the whole range and sends half of it. */
  const truncating: Handler = (request, response) => {
    const { start, end } = rangeOf(request);
    response.writeHead(206, {
      "content-length": end - start,
      "content-range": `bytes ${start}-${end - 1}/100`,
    });
    response.write(data.subarray(start, start + (end - start) / 2), () => response.destroy());
  };

  test("breaks in every request", async () => {
    server.handle = withRanges({ "x.bin": data });
    const file = await url(server.base, { retries: 1 }).open("x.bin");
    server.handle = truncating;
    await expect(file.read(0, 100)).rejects.toEqual(failure("io", "as the request failed: found "));
    expect(server.requests).toHaveLength(3);
  });

  test("breaks once", async () => {
    server.handle = withRanges({ "x.bin": data });
    const file = await url(server.base).open("x.bin");
    server.handle = (request, response) => {
      (server.requests.length === 2 ? truncating : withRanges({ "x.bin": data }))(request, response);
    };
    expect([...(await file.read(0, 100))]).toEqual([...data]);
  });

  test("ends a body early without an error", async () => {
    server.handle = withRanges({ "x.bin": data });
    const file = await url(server.base, { retries: 0 }).open("x.bin");
    server.handle = (_, response) =>
      response.writeHead(206, { "content-range": "bytes 0-99/100" }).end(data.subarray(0, 60));
    await expect(file.read(0, 100)).rejects.toEqual(failure("io", 'found "60 of 100 bytes"'));
  });

  test("does not connect", async () => {
    await server.close();
    const reason = await url(server.base, { retries: 0 })
      .open("x.bin")
      .catch((thrown) => thrown);
    expect(reason).toEqual(failure("io", "ECONNREFUSED"));
    expect(reason.cause).toBeInstanceOf(TypeError);
  });
});

describe("an abort", () => {
  const aborted = { code: "aborted", cause: "enough" };

  test("before a request prevents the request", async () => {
    server.handle = withRanges({ "x.bin": data });
    const file = await url(server.base).open("x.bin");
    const signal = AbortSignal.abort("enough");
    await expect(file.read(0, 1, signal)).rejects.toMatchObject(aborted);
    await expect(url(server.base).open("x.bin", signal)).rejects.toMatchObject(aborted);
    await expect(url(server.base).list(signal)).rejects.toMatchObject(aborted);
    expect(server.requests).toHaveLength(1);
  });

  test("ends a pending request without a retry", async () => {
    const controller = new AbortController();
    server.handle = () => controller.abort("enough");
    await expect(url(server.base).open("x.bin", controller.signal)).rejects.toMatchObject(aborted);
    expect(server.requests).toHaveLength(1);
  });

  test("ends the transfer of a body", async () => {
    server.handle = withRanges({ "x.bin": data });
    const file = await url(server.base).open("x.bin");
    const controller = new AbortController();
    server.handle = (_, response) => {
      response.writeHead(206, { "content-range": "bytes 0-99/100" });
      response.write(data.subarray(0, 10), () => setTimeout(() => controller.abort("enough"), 20));
    };
    await expect(file.read(0, 100, controller.signal)).rejects.toMatchObject(aborted);
  });

  test("ends the wait before a retry", async () => {
    const controller = new AbortController();
    let abortedMs = 0;
    server.handle = (_, response) => {
      response.writeHead(503).end();
      if (server.requests.length < 3) return;
      // The third wait is 400 ms long.
      setTimeout(() => {
        abortedMs = performance.now();
        controller.abort("enough");
      }, 50);
    };
    const source = url(server.base, { retries: 20 });
    await expect(source.open("x.bin", controller.signal)).rejects.toMatchObject(aborted);
    expect(performance.now() - abortedMs).toBeLessThan(200);
    expect(server.requests).toHaveLength(3);
  });
});
