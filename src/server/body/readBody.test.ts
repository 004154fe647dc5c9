import { Hono } from "hono";
import { expect, test } from "vitest";
import { apiErrorOf } from "../apiError.ts";
import { type AppEnv, Observation } from "../observer.ts";
import { type BodyLimits, readBody } from "./readBody.ts";

/** Answers with the length of the body that was read. */
function appWith(limits: Partial<BodyLimits> = {}): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError((error) => {
    const { body, status, headers } = apiErrorOf(error);
    return Response.json(body, { status, headers });
  });
  app.use(async (context, next) => {
    context.set("observation", new Observation({ id: "same", method: "POST", endpoint: "/" }, {}));
    await next();
  });
  app.post("/", readBody({ bodyBytes: 1000, bodyMs: 10_000, ...limits }), (context) =>
    context.text(`${context.var.body.length}`),
  );
  return app;
}

const post = (app: Hono<AppEnv>, body: BodyInit | undefined, headers: Record<string, string> = {}) =>
  app.request("/", { method: "POST", body, headers, duplex: "half" } as RequestInit);

/** A body that arrives in pieces; `read` counts the bytes that the server has read. */
function pieces(bytes: number, size = 100) {
  const counts = { read: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const length = Math.min(size, bytes - counts.read);
        if (length === 0) return controller.close();
        counts.read += length;
        controller.enqueue(new Uint8Array(length).fill(97));
      },
      cancel() {
        counts.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, counts };
}

async function compressed(bytes: Uint8Array<ArrayBuffer>, format: CompressionFormat): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

test("reads bodies up to the limit completely, with and without a known length, in pieces of any size", async () => {
  const app = appWith();
  expect(await (await post(app, "a".repeat(1000))).text()).toBe("1000");
  expect(await (await post(app, pieces(1000).stream)).text()).toBe("1000");
  expect(await (await post(app, pieces(1000, 1).stream)).text()).toBe("1000");
  expect(await (await post(app, undefined)).text()).toBe("0");
});

test("rejects a body whose Content-Length exceeds the limit before it reads a byte", async () => {
  const { stream, counts } = pieces(5000);
  const answer = await post(appWith(), stream, { "content-length": "1001" });
  expect([answer.status, answer.headers.get("connection")]).toEqual([413, "close"]);
  expect(await answer.json()).toMatchObject({
    error: {
      type: "invalid_request_error",
      code: "body_too_large",
      message: expect.stringMatching(/at most 1000 bytes: found 1001$/),
    },
  });
  expect(counts.read).toBe(0);
});

test.each([{}, { "content-length": "10", "transfer-encoding": "chunked" }])(
  "stops reading a body of unknown length at the limit (%j)",
  async (headers) => {
    const { stream, counts } = pieces(100_000_000);
    const answer = await post(appWith(), stream, headers as Record<string, string>);
    expect(answer.status).toBe(413);
    expect(counts).toEqual({ read: 1100, cancelled: false });
  },
);

test("responds with 408 to a body that stalls, and with 499 if the client disconnects", async () => {
  const stalling = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
  });
  const late = await post(appWith({ bodyMs: 20 }), stalling);
  expect([late.status, late.headers.get("connection")]).toEqual([408, "close"]);
  expect(await late.json()).toMatchObject({
    error: { code: "request_timeout", message: expect.stringContaining("within 0.02 seconds") },
  });
  const leaving = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new TypeError("terminated")),
  });
  const left = await post(appWith(), leaving);
  expect([left.status, (await left.json()).error.code]).toEqual([499, "client_closed"]);
});

test.each([
  ["gzip", "gzip"],
  ["X-GZip", "gzip"],
  ["deflate", "deflate"],
] as const)("decompresses a body with Content-Encoding %s", async (encoding, format) => {
  const body = await compressed(new Uint8Array(900), format);
  expect(await (await post(appWith(), body as BodyInit, { "content-encoding": encoding })).text()).toBe(
    "900",
  );
});

test("stops decompressing a body at the limit", async () => {
  // A gigabyte of zeros when decompressed.
  const layer = await compressed(new Uint8Array(2 ** 24), "gzip");
  const bomb = new Blob(Array(64).fill(layer));
  const before = process.memoryUsage().arrayBuffers;
  const answer = await post(appWith({ bodyBytes: 2 ** 21 }), bomb, { "content-encoding": "gzip" });
  expect([answer.status, (await answer.json()).error.code]).toEqual([413, "body_too_large"]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 25);
});

test("rejects a body that is not in its declared encoding, and unsupported encodings", async () => {
  const app = appWith();
  const wrong = await post(app, "{}", { "content-encoding": "gzip" });
  expect([wrong.status, (await wrong.json()).error.message]).toEqual([
    400,
    "Cannot read the request as its body is not gzip, which its Content-Encoding declares",
  ]);
  const cut = (await compressed(new Uint8Array(900), "gzip")).slice(0, -10);
  expect((await post(app, cut as BodyInit, { "content-encoding": "gzip" })).status).toBe(400);
  for (const encoding of ["br", "zstd", "gzip, gzip", "constructor"]) {
    const answer = await post(app, "{}", { "content-encoding": encoding });
    expect([answer.status, answer.headers.get("accept-encoding")]).toEqual([415, "gzip, deflate"]);
    expect((await answer.json()).error.message).toBe(
      `Cannot read the request as its Content-Encoding must be gzip or deflate: found "${encoding}"`,
    );
  }
  expect((await post(app, "{}", { "content-encoding": "identity" })).status).toBe(200);
});
