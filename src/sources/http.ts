/** Requests over HTTP as unmask needs them: tried again when the network fails, aborted at any time, typed in failure. */

import { concatenate } from "../core/concatenate.ts";
import { DiffusionError } from "../core/error.ts";
import { type Fetch, fetchFollowing } from "./redirects.ts";
import { PassingFailure, retryAfterMs, retrying } from "./retry.ts";

export interface UrlOptions {
  /** Instead of the global one: for tests, caches, proxies. */
  readonly fetch?: Fetch;
  /** Sent with every request, but to no other origin, for instance `{authorization: "Bearer ..."}`; never part of an error. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a request is tried again after the network or the server failed; 2 if absent. */
  readonly retries?: number;
  /** What an error asks where the server wants to know who reads. */
  readonly refusalHint?: string;
}

export interface HttpRequest {
  readonly address: URL;
  readonly method?: "GET" | "HEAD";
  /** The value of the Range header. */
  readonly range?: string;
  readonly signal: AbortSignal | undefined;
  /** Asked when the server refuses with 401 or 403: whether that is its way to say that there is no such file. */
  readonly refusedIsAbsent?: (() => Promise<boolean>) | undefined;
}

/** How errors name an address: without its query, which may hold a signature. */
export function addressName(address: URL): string {
  return address.origin + address.pathname;
}

/**
 * Sends a request and has `receive` make something of the response; both are tried again together, because a body may
 * break off. A DiffusionError that `receive` throws is final, any other error counts as a failure of the network.
 * @throws DiffusionError `not-found`, `io`, `aborted`
 */
export function request<Result>(
  message: HttpRequest,
  options: UrlOptions,
  receive: (response: Response) => Promise<Result>,
): Promise<Result> {
  const { address, signal } = message;
  const { retries = 2 } = options;
  return retrying({ name: addressName(address), retries, signal }, async () =>
    receive(await send(message, options)),
  );
}

/**
 * Sends a request once.
 * @returns a response of status 200, 206 or 416
 * @throws DiffusionError `not-found`, or `io` where the server refuses; anything else for what may pass
 */
export async function send(
  message: HttpRequest,
  { fetch = globalThis.fetch, headers = {}, refusalHint }: UrlOptions,
): Promise<Response> {
  const { address, method = "GET", range, signal } = message;
  const response = await fetchFollowing(fetch, address, { method, headers, range, signal });
  await assertStatus(response, message, refusalHint);
  return response;
}

/**
 * The whole body.
 * @param limit in bytes; a longer body is abandoned
 * @returns undefined if the body is longer
 */
export async function readBody(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  return concatenate(chunks);
}

/** Lets go of a body that nobody reads, so that its connection is free again. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

async function assertStatus(
  response: Response,
  { address, refusedIsAbsent }: HttpRequest,
  refusalHint = "does it need an authorization header?",
): Promise<void> {
  const { status } = response;
  const name = addressName(address);
  // 416 is the answer to any range of an empty file.
  if (status === 200 || status === 206 || status === 416) {
    // Development servers answer every unknown address with their start page.
    const isPage = response.headers.get("content-type")?.startsWith("text/html") && !name.endsWith(".html");
    if (!isPage) return;
    await discard(response);
    throw new DiffusionError(
      "not-found",
      `Cannot read '${name}' as the server has a web page there: found text/html`,
    );
  }
  await discard(response);
  if (status === 404 || status === 410) {
    throw new DiffusionError(
      "not-found",
      `Cannot read '${name}' as the server has no such file: found status ${status}`,
    );
  }
  const passing = status >= 500 || status === 429 || status === 408;
  if (passing)
    throw new PassingFailure(`status ${status}`, retryAfterMs(response.headers.get("retry-after")));
  const refused = status === 401 || status === 403;
  if (refused && (await refusedIsAbsent?.())) {
    const why = "the server refuses it and not the model's other files, so there is probably no such file";
    throw new DiffusionError("not-found", `Cannot read '${name}' as ${why}: found status ${status}`);
  }
  const hint = refused ? ` (${refusalHint})` : "";
  throw new DiffusionError(
    "io",
    `Cannot read '${name}' as the server refuses${hint}: found status ${status}`,
  );
}
