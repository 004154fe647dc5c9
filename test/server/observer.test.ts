/** Whoever counts and logs is told of every request. */
import { describe, expect, test } from "vitest";
import { ApiError, type ObservedRequest, type RequestOutcome } from "../../src/server/index.ts";
import { scripted, untilAborted } from "./support/scripted.ts";
import { appOf, chat, eventually, model, openTiny, post, sort } from "./support/tiny.ts";

const { engine } = await openTiny();

const small = { diffusion: { canvas: 16 } };

describe("those who watch", () => {
  test("are told of every request once, with what became of it", async () => {
    const began: ObservedRequest[] = [];
    const ended: (readonly [ObservedRequest, RequestOutcome])[] = [];
    const observer = {
      onRequest: (request: ObservedRequest) => began.push(request),
      onEnd: (request: ObservedRequest, outcome: RequestOutcome) => ended.push([request, outcome]),
    };
    const refuseAll = appOf(engine, {
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
    const answered = await post(refuseAll, chat, { messages: sort, ...small }, id);
    expect(answered.headers.get("x-request-id")).toBe("mine-1");
    const refused = await post(refuseAll, "/v1/infill", {});
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3"]);
    expect((await refused.json()).error).toMatchObject({ type: "rate_limit_error", code: "busy" });
    const stream = await post(refuseAll, chat, { messages: sort, stream: true, ...small });
    expect(ended).toHaveLength(2);
    await stream.text();
    await refuseAll.request("/v1/models/none");
    await refuseAll.request("/nothing");
    await refuseAll.request(chat);
    expect(began.map((request) => request.endpoint)).toEqual([
      ...[chat, "/v1/infill", chat, "/v1/models/{id}", "unknown", chat],
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

test("a client that leaves ends its request", async () => {
  let onAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  const script = scripted({
    beforeEvent: (_, signal) => {
      onAsked();
      return untilAborted(signal);
    },
  });
  const outcomes: RequestOutcome[] = [];
  const watched = appOf(script.handle, { observer: { onEnd: (_, outcome) => outcomes.push(outcome) } });
  const leaving = new AbortController();
  const answered = post(watched, chat, { messages: sort, n: 3 }, { signal: leaving.signal });
  await asked;
  expect(script.open).toBe(3);
  leaving.abort();
  expect((await answered).status).toBe(499);
  await eventually(() => script.open).toBe(0);
  expect(outcomes).toMatchObject([{ status: 499, aborted: true }]);
});
