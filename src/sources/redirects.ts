/**
 * Follows redirects by hand. Model hubs send a file's reader on to another host; a token must not go there with it, and
 * runtimes of different ages differ in which headers they take along.
 */
import { DiffusionError, found } from "../core/error.ts";

export interface Outgoing {
  readonly method: "GET" | "HEAD";
  /** The caller's own: they stay with the first origin. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value of the Range header, which goes everywhere. */
  readonly range: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The part of the platform's `fetch` that is used. */
export type Fetch = (
  address: URL,
  init: {
    readonly method: "GET" | "HEAD";
    readonly headers: Record<string, string>;
    readonly signal: AbortSignal | null;
    readonly redirect: "follow" | "manual";
  },
) => Promise<Response>;

const MOST_REDIRECTS = 10;

/** Pages are not shown where a redirect leads; there the browser follows, and takes no Authorization to another origin. */
let browserFollows = false;

/** @throws DiffusionError `io` for redirects without end, to nowhere, or from https to another protocol */
export async function fetchFollowing(
  fetch: Fetch,
  address: URL,
  { method, headers, range, signal }: Outgoing,
): Promise<Response> {
  let at = address;
  let own = headers;
  for (let count = 0; count <= MOST_REDIRECTS; count++) {
    const response = await fetch(at, {
      method,
      headers: range === undefined ? own : { ...own, range },
      signal: signal ?? null,
      redirect: browserFollows ? "follow" : "manual",
    });
    if (response.type === "opaqueredirect") {
      browserFollows = true;
      continue;
    }
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    const next = target(response, at, address);
    if (next.origin !== at.origin) own = {};
    at = next;
  }
  throw refused(address, "the server redirects without end", `${MOST_REDIRECTS + 1} redirects`);
}

function target(response: Response, at: URL, address: URL): URL {
  const location = response.headers.get("location") ?? "";
  if (location === "" || !URL.canParse(location, at)) {
    throw refused(address, "a redirect must say where to", found(location));
  }
  const next = new URL(location, at);
  const allowed = at.protocol === "https:" ? ["https:"] : ["http:", "https:"];
  if (allowed.includes(next.protocol)) return next;
  throw refused(address, `a redirect may not leave ${at.protocol.slice(0, -1)}`, found(next.protocol));
}

function refused({ origin, pathname }: URL, why: string, value: string): DiffusionError {
  return new DiffusionError("io", `Cannot read '${origin}${pathname}' as ${why}: found ${value}`);
}
