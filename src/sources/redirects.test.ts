import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { failure } from "../../test/support/loopback.ts";
import { retryAfterMs } from "./retry.ts";

/** Each test imports the module anew, as the module remembers whether the runtime hides redirects. */
let fetchFollowing: typeof import("./redirects.ts").fetchFollowing;
beforeEach(async () => {
  vi.resetModules();
  ({ fetchFollowing } = await import("./redirects.ts"));
});
afterEach(() => vi.resetModules());

interface Sent {
  readonly address: string;
  readonly headers: unknown;
  readonly redirect: unknown;
}

/** A `fetch` with redirects by address; other addresses answer with content. */
function web(redirects: Readonly<Record<string, string>>, sent: Sent[], opaque = false): typeof fetch {
  return async (input, init) => {
    const address = String(input);
    sent.push({ address, headers: init?.headers, redirect: init?.redirect });
    const location = redirects[address];
    if (location === undefined || init?.redirect === "follow") return new Response("content");
    if (!opaque) return new Response(null, { status: 302, headers: { location } });
    return Object.defineProperty(new Response(), "type", { value: "opaqueredirect" });
  };
}
const outgoing = {
  method: "GET",
  headers: { authorization: "secret" },
  range: "bytes=0-0",
  signal: undefined,
} as const;

describe("a redirect", () => {
  test("within an origin keeps the headers; another origin, and any later one, gets the range only", async () => {
    const sent: Sent[] = [];
    const fetch = web(
      {
        "https://a.test/1": "/2",
        "https://a.test/2": "https://b.test/3",
        "https://b.test/3": "https://a.test/4",
      },
      sent,
    );
    const response = await fetchFollowing(fetch, new URL("https://a.test/1"), outgoing);
    expect(await response.text()).toBe("content");
    const all = { authorization: "secret", range: "bytes=0-0" };
    const range = { range: "bytes=0-0" };
    expect(sent).toEqual([
      { address: "https://a.test/1", headers: all, redirect: "manual" },
      { address: "https://a.test/2", headers: all, redirect: "manual" },
      { address: "https://b.test/3", headers: range, redirect: "manual" },
      { address: "https://a.test/4", headers: range, redirect: "manual" },
    ]);
  });

  test("to another port loses the headers, and one from https to http is refused", async () => {
    const sent: Sent[] = [];
    const fetch = web(
      { "http://a.test/1": "http://a.test:81/2", "https://a.test/1": "http://a.test/2" },
      sent,
    );
    await fetchFollowing(fetch, new URL("http://a.test/1"), outgoing);
    expect(sent.at(-1)!.headers).toEqual({ range: "bytes=0-0" });
    await expect(fetchFollowing(fetch, new URL("https://a.test/1"), outgoing)).rejects.toEqual(
      failure("io", 'a redirect may not leave https: found "http:"'),
    );
  });

  test.each([
    ["in a loop", "/1?signature=secret", "the server redirects too often: found 11 redirects"],
    ["without a target", "", "a redirect must have a valid Location"],
    ["to an invalid address", "http://[", "a redirect must have a valid Location"],
    ["to a file", "file:///etc/passwd", 'may not leave http: found "file:"'],
  ])("%s is an error", async (_, location, message) => {
    const address = "http://a.test/1?signature=secret";
    const fetch = web({ [address]: location }, []);
    const refusal = await fetchFollowing(fetch, new URL(address), outgoing).catch((error) => error);
    expect(refusal).toEqual(failure("io", message));
    expect(refusal.message).not.toContain("secret");
  });

  test("that the browser hides is followed by the browser, like all later ones", async () => {
    const sent: Sent[] = [];
    const fetch = web({ "https://a.test/1": "https://b.test/2" }, sent, true);
    for (let i = 0; i < 2; i++) {
      const response = await fetchFollowing(fetch, new URL("https://a.test/1"), outgoing);
      expect(await response.text()).toBe("content");
    }
    expect(sent.map(({ redirect }) => redirect)).toEqual(["manual", "follow", "follow"]);
  });
});

test.each([
  [null, undefined],
  ["3", 3000],
  ["0", 0],
  ["Wed, 25 Nov 2026 07:00:10 GMT", 10_000],
  ["Wed, 25 Nov 2026 06:00:00 GMT", 0],
  ["soon", undefined],
])("Retry-After %s is %s ms", (header, ms) => {
  expect(retryAfterMs(header, Date.parse("2026-11-25T07:00:00Z"))).toBe(ms);
});
