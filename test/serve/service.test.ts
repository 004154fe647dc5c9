/** Keys, limits, CORS, health checks, metrics and logs, in process with models/tiny. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine, type EngineHandle } from "../../src/core/index.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { type Operated, operated, sorting } from "./operated.ts";

let tiny: EngineHandle;
beforeAll(async () => {
  tiny = await Engine.load(cpuSurroundings.tinyModel, { backend: cpuSurroundings.backend });
});
afterAll(() => tiny.dispose());

describe("keys", () => {
  const keys = ["secret-one"];
  const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

  test("are required by everything except health checks", async () => {
    const { get, post } = operated({ tiny }, { keys });
    for (const path of ["/health", "/health/live", "/health/ready"])
      expect((await get(path)).status).toBe(200);
    const paths = ["/v1/models", "/metrics", "/openapi.json", "/nothing", "/health/", "/healthy", "//health"];
    for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 401]);
    expect((await post("/health", {})).status).toBe(401);
    expect((await post("/v1/chat/completions", sorting)).status).toBe(401);
    for (const path of ["/v1/models", "/metrics", "/openapi.json"])
      expect([path, (await get(path, bearer("secret-one"))).status]).toEqual([path, 200]);
    expect((await post("/v1/chat/completions", sorting, bearer("secret-one"))).status).toBe(200);
  });

  test("are not logged", async () => {
    const { get, log } = operated({ tiny }, { keys, logPrompts: true });
    await get("/v1/models", bearer("secret-one"));
    await get("/v1/models", bearer("wrong-key"));
    expect(log.map(({ status }) => status)).toEqual([200, 401]);
    expect(JSON.stringify(log)).not.toMatch(/secret-one|wrong-key/);
  });
});

test("only pages of allowed origins may use the API", async () => {
  const from = (origin: string) => ({ headers: { origin } });
  const closed = operated({ tiny });
  expect(
    (await closed.get("/v1/models", from("https://a.example"))).headers.get("access-control-allow-origin"),
  ).toBeNull();
  const open = operated({ tiny }, { origins: ["https://a.example"], keys: ["k"] });
  const unauthorized = await open.get("/v1/models", from("https://a.example"));
  // The CORS headers let the page read the error.
  expect([unauthorized.status, unauthorized.headers.get("access-control-allow-origin")]).toEqual([
    401,
    "https://a.example",
  ]);
  const other = await open.get("/v1/models", from("https://b.example"));
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
});

test("a preflight needs no key, is not counted, and may be cached for two hours", async () => {
  const preflight = (server: Operated, path: string, origin: string) =>
    server.get(path, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
      },
    });
  const open = operated({ tiny }, { origins: ["https://a.example"], keys: ["k"], maxRequests: 0 });
  for (const path of ["/v1/chat/completions", "/health", "/metrics"]) {
    const { status, headers } = await preflight(open, path, "https://a.example");
    expect([path, status, headers.get("access-control-allow-origin")]).toEqual([
      path,
      204,
      "https://a.example",
    ]);
    expect(headers.get("access-control-allow-headers")).toContain("authorization");
    expect(headers.get("access-control-max-age")).toBe("7200");
  }
  const other = await preflight(open, "/v1/chat/completions", "https://b.example");
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
  const closed = operated({ tiny });
  const denied = await preflight(closed, "/v1/chat/completions", "https://a.example");
  expect(denied.headers.get("access-control-allow-origin")).toBeNull();
  const everyone = operated({ tiny }, { origins: ["*"] });
  const any = await preflight(everyone, "/v1/chat/completions", "https://c.example");
  expect(any.headers.get("access-control-allow-origin")).toBe("*");
  for (const server of [open, closed, everyone]) {
    expect(server.log).toEqual([]);
    const metrics = await (await server.get("/metrics", { headers: { authorization: "Bearer k" } })).text();
    expect(metrics).not.toContain("unmask_http_requests_total{");
  }
  // An OPTIONS request without the headers of a preflight is an ordinary request.
  expect((await closed.get("/v1/models", { method: "OPTIONS" })).status).toBe(405);
  expect(closed.log).toHaveLength(1);
});

test("pages can read health checks and the header with ignored fields", async () => {
  const { get, post } = operated({ tiny }, { origins: ["https://a.example"] });
  const from = { headers: { origin: "https://a.example" } };
  for (const path of ["/health", "/metrics"])
    expect((await get(path, from)).headers.get("access-control-allow-origin")).toBe("https://a.example");
  const answer = await post("/v1/chat/completions", { ...sorting, files: [] }, from);
  expect(answer.headers.get("access-control-expose-headers")).toContain("x-unmask-ignored-fields");
  expect(answer.headers.get("x-unmask-ignored-fields")).toBe("files");
});

describe("HEAD", () => {
  const paths = ["/health", "/health/live", "/health/ready", "/metrics", "/v1/models", "/v1/models/tiny"];
  test.each([...paths, "/openapi.json"])("of %s is GET without a body", async (path) => {
    const { get } = operated({ tiny }, { keys: ["k"] });
    for (const init of [{}, { headers: { authorization: "Bearer k" } }]) {
      const [whole, head] = [await get(path, init), await get(path, { ...init, method: "HEAD" })];
      expect([head.status, await head.text()]).toEqual([whole.status, ""]);
      const headers = ({ headers }: Response) =>
        [...headers.entries()].filter(([name]) => name !== "x-request-id");
      expect(headers(head)).toEqual(headers(whole));
    }
  });
  test("of a POST endpoint gets a 405 with the allowed method", async () => {
    const { get } = operated({ tiny });
    const head = await get("/v1/completions", { method: "HEAD" });
    expect([head.status, head.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await get("/v1/models", { method: "DELETE" })).headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("health", () => {
  test("reports liveness of the process and readiness of the models", async () => {
    const { get, drain } = operated({ tiny, other: tiny });
    const ready = await get("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "ready", models: { tiny: "ready", other: "ready" } },
    ]);
    drain.begin();
    expect((await get("/health/live")).status).toBe(200);
    for (const path of ["/health", "/health/ready"]) {
      const draining = await get(path);
      expect([draining.status, await draining.json()]).toMatchObject([503, { status: "draining" }]);
    }
  });

  test("new requests get a 503 with Retry-After while the server drains, and running ones finish", async () => {
    const { post, drain } = operated({ tiny });
    const running = post("/v1/chat/completions", sorting);
    drain.begin();
    const refused = await post("/v1/chat/completions", sorting);
    expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("connection")]).toEqual([
      503,
      "5",
      "close",
    ]);
    expect(await refused.json()).toMatchObject({ error: { type: "server_error", code: "draining" } });
    const answer = await running;
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "1 2 3" } }] });
  });
});

test("limits of size and of concurrent requests", async () => {
  const { post } = operated({ tiny }, { bodyBytes: 200, maxRequests: 1 });
  const large = { ...sorting, messages: [{ role: "user", content: "x".repeat(200) }] };
  expect((await post("/v1/chat/completions", large)).status).toBe(413);
  const [first, second] = await Promise.all([
    post("/v1/chat/completions", { ...sorting, stream: true }),
    post("/v1/chat/completions", sorting),
  ]);
  // A stream counts as running until it is read completely.
  expect([first.status, second.status]).toEqual([200, 429]);
  expect((await post("/v1/chat/completions", sorting)).status).toBe(429);
  await first.text();
  expect((await post("/v1/chat/completions", sorting)).status).toBe(200);
});

describe("metrics", () => {
  test("count requests, errors and the work of the engine", async () => {
    const { get, post } = operated({ tiny });
    const before = await tiny.status();
    await (await post("/v1/chat/completions", { ...sorting, stream: true })).text();
    await post("/v1/chat/completions", { ...sorting, diffusion: { canvas: 100_000 } });
    await post("/v1/chat/completions", "{");
    await get("/nothing/at/all");
    const answer = await get("/metrics");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    const value = (name: string) =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${name} `))
          ?.split(" ")
          .at(-1),
      );
    const chat = 'endpoint="/v1/chat/completions"';
    expect(value(`unmask_http_requests_total{${chat},status="200"}`)).toBe(1);
    expect(value(`unmask_http_requests_total{${chat},status="400"}`)).toBe(2);
    expect(value('unmask_http_requests_total{endpoint="unknown",status="404"}')).toBe(1);
    expect(value(`unmask_first_token_seconds_count{${chat}}`)).toBe(1);
    expect(value('unmask_tokens_total{model="tiny",kind="completion"}')).toBe(5);
    expect(value('unmask_engine_up{model="tiny"}')).toBe(1);
    expect(value('unmask_kv_positions{model="tiny"}')).toBe(tiny.info.cachePositions);
    expect(value('unmask_kv_used_positions{model="tiny"}')).toBe(0);
    const now = await tiny.status();
    expect(now.passes).toBeGreaterThan(before.passes);
    expect(value('unmask_passes_total{model="tiny"}')).toBe(now.passes);
    expect(value('unmask_batch_rows_total{model="tiny"}')).toBe(now.rows);
    expect(value('unmask_step_seconds_count{model="tiny"}')).toBe(now.passes - before.passes);
    expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  });

  test("of two servers in a process are separate, and scraping does not change them", async () => {
    const [first, second] = [operated({ tiny }), operated({ tiny })];
    await first.post("/v1/chat/completions", sorting);
    const metrics = async (server: typeof first) =>
      (await (await server.get("/metrics")).text()).replace(/^process.*$/gm, "");
    expect(await metrics(second)).not.toContain("unmask_http_requests_total{");
    expect(await metrics(first)).toBe(await metrics(first));
  });
});

describe("logs", () => {
  test("have one line per request, with the client's ID and without prompt and answer", async () => {
    const { post, log } = operated({ tiny });
    const answer = await post("/v1/chat/completions", sorting, { headers: { "x-request-id": "mine-1" } });
    expect(answer.headers.get("x-request-id")).toBe("mine-1");
    expect(log).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        msg: "request",
        id: "mine-1",
        method: "POST",
        endpoint: "/v1/chat/completions",
        status: 200,
        aborted: false,
        stream: false,
        model: "tiny",
        choices: 1,
        promptTokens: 12,
        completionTokens: 5,
        forwards: expect.any(Number),
        totalMs: expect.any(Number),
        queuedMs: expect.any(Number),
        decodeMs: expect.any(Number),
        firstTokenMs: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(log)).not.toMatch(/sort|1 2 3/);
  });

  test("have the bodies with logPrompts, and the API still reads them", async () => {
    const { post, log } = operated({ tiny }, { logPrompts: true });
    const body = JSON.stringify({ ...sorting, messages: [{ role: "user", content: "é" }] });
    const refused = await post("/v1/chat/completions", body);
    expect(refused.status).toBe(400);
    expect(log[0]).toMatchObject({ msg: "body", body, id: refused.headers.get("x-request-id") });
    expect((await post("/v1/chat/completions", sorting)).status).toBe(200);
  });

  test("name an ignored field once, and at most 256 fields", async () => {
    const { post, log } = operated({ tiny });
    for (let run = 0; run < 2; run++)
      await post("/v1/chat/completions", { ...sorting, files: [], store: true });
    const ignored = () => log.filter(({ msg }) => msg === "ignored field");
    expect(ignored()).toMatchObject([
      { level: "warn", field: "files", endpoint: "/v1/chat/completions" },
      { level: "warn", field: "store" },
    ]);
    for (let first = 0; first < 400; first += 20) {
      const names = Array.from({ length: 20 }, (_, index) => [`x${first + index}`, 1] as const);
      await post("/v1/chat/completions", { ...Object.fromEntries(names), temperature: -1 });
    }
    expect(ignored()).toHaveLength(256);
  });

  test("have failures with their cause", async () => {
    const cause = new Error("the disk is on fire");
    const broken: EngineHandle = {
      info: tiny.info,
      detokenize: tiny.detokenize,
      tokenTexts: tiny.tokenTexts,
      dispose: tiny.dispose,
      status: () => tiny.status(),
      plan: () => tiny.plan(),
      logits: (ids) => tiny.logits(ids),
      tokenize: async () => {
        throw cause;
      },
      generate: tiny.generate,
    };
    const { post, log } = operated({ tiny: broken });
    const failed = await post("/v1/chat/completions", sorting);
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain("fire");
    const [failure, request] = log;
    expect(failure).toMatchObject({
      level: "error",
      msg: "failure",
      cause: cause.message,
      stack: cause.stack,
    });
    expect(request).toMatchObject({ level: "error", msg: "request", status: 500, id: failure!["id"] });
  });
});
