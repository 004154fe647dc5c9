import { Hono } from "hono";
import { expect, test } from "vitest";
import { apiErrorOf } from "./apiError.ts";
import { limitBody, RequestLimit } from "./limits.ts";
import { type AppEnv, Observation } from "./observer.ts";

function appWith(use: (app: Hono<AppEnv>) => void): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError((error) => {
    const { body, status, headers } = apiErrorOf(error);
    return Response.json(body, { status, headers });
  });
  use(app);
  return app;
}

/** A body of so many bytes in pieces of a hundred; `taken` counts those that somebody asked for. */
function pieces(bytes: number) {
  const counts = { taken: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const size = Math.min(100, bytes - counts.taken);
        if (size === 0) return controller.close();
        counts.taken += size;
        controller.enqueue(new Uint8Array(size).fill(97));
      },
      cancel() {
        counts.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, counts };
}

const echo = appWith((app) => {
  app.use(limitBody(1000));
  app.post("/", async (context) =>
    context.text(`${context.req.method} ${(await context.req.text()).length}`),
  );
});

test("bodies up to the limit arrive whole, whether their length is known or not", async () => {
  expect(await (await echo.request("/", { method: "POST", body: "a".repeat(1000) })).text()).toBe(
    "POST 1000",
  );
  const { stream } = pieces(1000);
  const answer = await echo.request("/", { method: "POST", body: stream, duplex: "half" } as RequestInit);
  expect(await answer.text()).toBe("POST 1000");
  expect(await (await echo.request("/", { method: "POST" })).text()).toBe("POST 0");
});

test("a body that says that it is larger is refused before a byte of it is read", async () => {
  const { stream, counts } = pieces(5000);
  const init = { method: "POST", body: stream, duplex: "half", headers: { "content-length": "1001" } };
  const answer = await echo.request("/", init as RequestInit);
  expect(answer.status).toBe(413);
  expect(answer.headers.get("connection")).toBe("close");
  expect(await answer.json()).toMatchObject({
    error: {
      type: "invalid_request_error",
      code: "body_too_large",
      message: expect.stringMatching(/at most 1000 bytes: found 1001$/),
    },
  });
  expect(counts.taken).toBe(0);
});

test.each([{}, { "content-length": "10", "transfer-encoding": "chunked" }])(
  "a body of unknown length is read no further than the limit (%j)",
  async (headers) => {
    const { stream, counts } = pieces(100_000_000);
    const answer = await echo.request("/", {
      method: "POST",
      body: stream,
      duplex: "half",
      headers,
    } as RequestInit);
    expect(answer.status).toBe(413);
    expect(counts.taken).toBe(1100);
  },
);

test("as many requests are under way as may be, and what has ended makes room", async () => {
  const limit = new RequestLimit(2);
  const waiting: (() => void)[] = [];
  const app = appWith((app) => {
    app.use(async (context, next) => {
      const { method } = context.req;
      const observation = new Observation({ id: "same", method, endpoint: "/" }, limit);
      context.set("observation", observation);
      await next();
      observation.end(context.res.status);
    });
    app.use(limit.middleware);
    app.get("/", (context) => context.text("is there"));
    app.post("/", async (context) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return context.text("done");
    });
  });
  const post = () => app.request("/", { method: "POST" });
  const [first, second] = [post(), post()];
  const third = await post();
  expect(third.status).toBe(429);
  expect(third.headers.get("retry-after")).toBe("1");
  expect(await third.json()).toMatchObject({
    error: { type: "rate_limit_error", code: "too_many_requests" },
  });
  expect((await app.request("/")).status).toBe(200);
  waiting[0]!();
  expect((await first).status).toBe(200);
  const fourth = post();
  await expect.poll(() => waiting.length).toBe(3);
  for (const resolve of waiting) resolve();
  expect([(await second).status, (await fourth).status]).toEqual([200, 200]);
});
