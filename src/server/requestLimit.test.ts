import { Hono } from "hono";
import { expect, test } from "vitest";
import { apiErrorOf } from "./apiError.ts";
import { type AppEnv, Observation } from "./observer.ts";
import { RequestLimit } from "./requestLimit.ts";

test("rejects requests above the limit until one has ended", async () => {
  const limit = new RequestLimit(2);
  const waiting: (() => void)[] = [];
  const app = new Hono<AppEnv>();
  app.onError((error) => {
    const { body, status, headers } = apiErrorOf(error);
    return Response.json(body, { status, headers });
  });
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
