import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { apiErrorOf } from "./apiError.ts";
import { readKeys, requireKey } from "./keys.ts";

describe("readKeys", () => {
  test("parses lines, commas and comments", () => {
    expect(readKeys("# staging\nfirst\r\n\n  second , third,\n # gone\n", "it")).toEqual([
      "first",
      "second",
      "third",
    ]);
  });

  test.each([
    ["", "Cannot read API keys from 'k' as it has none"],
    ["# only this\n,", "it has none"],
    ["good\ntwo words", "Cannot use API key 2 of 'k'"],
    ["schlüssel", "Cannot use API key 1 of 'k' as keys must be printable ASCII"],
  ])("rejects %j without showing it", (text, message) => {
    expect(() => readKeys(text, "'k'")).toThrow(message);
    for (const word of ["two words", "schlüssel"]) expect(() => readKeys(text, "'k'")).not.toThrow(word);
  });
});

describe("a request", () => {
  const app = new Hono();
  app.onError((error) => {
    const { body, status, headers } = apiErrorOf(error);
    return Response.json(body, { status, headers });
  });
  app.use(requireKey(["alpha", "beta-longer"]));
  app.all("*", (context) => context.text("in"));
  const send = (authorization?: string) =>
    app.request("/v1/models", authorization === undefined ? {} : { headers: { authorization } });

  test.each(["Bearer alpha", "Bearer beta-longer", "bearer alpha", "Bearer  alpha "])(
    "with %j is accepted",
    async (header) => {
      expect(await (await send(header)).text()).toBe("in");
    },
  );

  test.each([
    [undefined, "has no 'Authorization: Bearer' header"],
    ["", "has no"],
    ["Bearer ", "has no"],
    ["Basic alpha", "has no"],
    ["Bearer alph", "key is not valid"],
    ["Bearer alphaa", "key is not valid"],
    ["Bearer ALPHA", "key is not valid"],
    ["Bearer alpha beta-longer", "has no"],
    [`Bearer ${"a".repeat(10_000)}`, "key is not valid"],
  ])("with %j gets a 401 in the format of the OpenAI API", async (header, message) => {
    const answer = await send(header);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    const expected = { type: "authentication_error", param: null, code: "invalid_api_key" };
    expect(await answer.json()).toEqual({
      error: { ...expected, message: expect.stringContaining(message) },
    });
  });
});
