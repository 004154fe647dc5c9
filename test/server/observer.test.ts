/** Observers receive every request and its outcome. */
import { describe, expect, test } from "vitest";
import { ApiError, type ObservedRequest, type RequestOutcome } from "../../src/server/index.ts";
import { scripted, untilAborted } from "./support/scripted.ts";
import { appOf, chat, eventually, model, openTiny, post, sort } from "./support/tiny.ts";

const { engine } = await openTiny();

const small = { diffusion: { canvas: 16 } };

describe("an observer", () => {
  test("receives the start and the outcome of every request once", async () => {
    const began: ObservedRequest[] = [];
    const ended: (readonly [ObservedRequest, RequestOutcome])[] = [];
    const observer = {
      onRequest: (request: ObservedRequest) => began.push(request),
      onEnd: (request: ObservedRequest, outcome: RequestOutcome) => ended.push([request, outcome]),
    };
    const limitedApp = appOf(engine, {
      observer,
      before: [
        async (c, next) => {
          if (c.req.path === "/v1/infill")
            throw new ApiError(429, "busy", "Cannot", { headers: { "retry-after": "3" } });
          await next();
        },
      ],
    });
    const id = { headers: { "x-request-id": "mine-1" } };
    const answered = await post(limitedApp, chat, { messages: sort, ...small }, id);
    expect(answered.headers.get("x-request-id")).toBe("mine-1");
    const refused = await post(limitedApp, "/v1/infill", {});
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3"]);
    expect((await refused.json()).error).toMatchObject({ type: "rate_limit_error", code: "busy" });
    const stream = await post(limitedApp, chat, { messages: sort, stream: true, ...small });
    expect(ended).toHaveLength(2);
    await stream.text();
    await limitedApp.request("/v1/models/none");
    await limitedApp.request("/nothing");
    await limitedApp.request(chat);
    expect(began.map((request) => request.endpoint)).toEqual([
      chat,
      "/v1/infill",
      chat,
      "/v1/models/{id}",
      "unknown",
      chat,
    ]);
    expect(ended.map(([request]) => request)).toEqual(began);
    const counts = { choices: 1, promptTokens: 15, completionTokens: 8 };
    expect(ended.map(([, outcome]) => outcome)).toMatchObject([
      { status: 200, model, stream: false, aborted: false, generated: counts },
      { status: 429, errorCode: "busy" },
      { status: 200, model, stream: true, aborted: false, generated: counts },
      { status: 404, errorCode: "model_not_found" },
      { status: 404, errorCode: "unknown_endpoint" },
      { status: 405, errorCode: "method_not_allowed" },
    ]);
    const first = ended[0]![1];
    expect(first.firstTokenMs).toBeLessThanOrEqual(first.totalMs);
  });
});

test("a client that disconnects aborts its request", async () => {
  let onGenerate = () => {};
  const generating = new Promise<void>((resolve) => {
    onGenerate = resolve;
  });
  const script = scripted({
    beforeEvent: (_, signal) => {
      onGenerate();
      return untilAborted(signal);
    },
  });
  const outcomes: RequestOutcome[] = [];
  const watched = appOf(script.handle, { observer: { onEnd: (_, outcome) => outcomes.push(outcome) } });
  const leaving = new AbortController();
  const answered = post(watched, chat, { messages: sort, n: 3 }, { signal: leaving.signal });
  await generating;
  expect(script.open).toBe(3);
  leaving.abort();
  expect((await answered).status).toBe(499);
  await eventually(() => script.open).toBe(0);
  expect(outcomes).toMatchObject([{ status: 499, aborted: true }]);
});
