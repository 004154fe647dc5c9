/**
 * Follows redirects explicitly. Model hubs redirect downloads to another host, which must not receive the token, and
 * versions of runtimes differ in which headers they send after a redirect.
 */
import { DiffusionError, found } from "../core/error.ts";

export interface Outgoing {
  readonly method: "GET" | "HEAD";
  /** The caller's headers, which are sent to the first origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value of the Range header, which is sent to every origin. */
  readonly range: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The used part of the platform's `fetch`. */
export type Fetch = (
  address: URL,
  init: {
    readonly method: "GET" | "HEAD";
    readonly headers: Record<string, string>;
    readonly signal: AbortSignal | null;
    readonly redirect: "follow" | "manual";
  },
) => Promise<Response>;

const maxRedirects = 10;

/** Set in browsers, which hide the target of a redirect. They follow it without sending Authorization to another origin. */
let browserFollows = false;

/** @throws DiffusionError `io` for too many redirects, a redirect without target, or one from https to another protocol */
export async function fetchFollowing(
  fetch: Fetch,
  address: URL,
  { method, headers, range, signal }: Outgoing,
): Promise<Response> {
  let current = address;
  let callerHeaders = headers;
  for (let count = 0; count <= maxRedirects; count++) {
    const response = await fetch(current, {
      method,
      headers: range === undefined ? callerHeaders : { ...callerHeaders, range },
      signal: signal ?? null,
      redirect: browserFollows ? "follow" : "manual",
    });
    if (response.type === "opaqueredirect") {
      browserFollows = true;
      continue;
    }
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    const next = redirectTarget(response, current, address);
    if (next.origin !== current.origin) callerHeaders = {};
    current = next;
  }
  throw refused(address, "the server redirects too often", `${maxRedirects + 1} redirects`);
}

function redirectTarget(response: Response, current: URL, address: URL): URL {
  const location = response.headers.get("location") ?? "";
  if (location === "" || !URL.canParse(location, current)) {
    throw refused(address, "a redirect must have a valid Location", found(location));
  }
  const next = new URL(location, current);
  const allowed = current.protocol === "https:" ? ["https:"] : ["http:", "https:"];
  if (allowed.includes(next.protocol)) return next;
  throw refused(address, `a redirect may not leave ${current.protocol.slice(0, -1)}`, found(next.protocol));
}

function refused({ origin, pathname }: URL, why: string, value: string): DiffusionError {
  return new DiffusionError("io", `Cannot read '${origin}${pathname}' as ${why}: found ${value}`);
}
