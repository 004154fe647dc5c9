/** HTTP requests with retries, aborts and typed errors. */
import { concatenate } from "../core/concatenate.ts";
import { DiffusionError } from "../core/error.ts";
import { type Fetch, fetchFollowing } from "./redirects.ts";
import { retryAfterMs, TransientError, withRetries } from "./retry.ts";

export interface UrlOptions {
  /** Replaces the global `fetch`: for tests, caches, proxies. */
  readonly fetch?: Fetch;
  /** Sent with every request to the original origin only, for example `{authorization: "Bearer ..."}`. Never part of an error. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a request is repeated after the network or the server failed. Default: 2. */
  readonly retries?: number;
  /** A hint for the error message after status 401 or 403. */
  readonly refusalHint?: string;
}

export interface HttpRequest {
  readonly address: URL;
  readonly method?: "GET" | "HEAD";
  /** The value of the Range header. */
  readonly range?: string;
  readonly signal: AbortSignal | undefined;
  /** Called after status 401 or 403: whether this server answers so for a file that does not exist. */
  readonly refusedIsAbsent?: (() => Promise<boolean>) | undefined;
}

/** The address for error messages: without its query, which may contain a signature. */
export function addressName(address: URL): string {
  return address.origin + address.pathname;
}

/**
 * Sends a request and passes the response to `receive`. A retry repeats both, as a connection may break within the body.
 * A DiffusionError from `receive` is final; any other error counts as a network failure.
 * @throws DiffusionError `not-found`, `io`, `aborted`
 */
export function request<Result>(
  message: HttpRequest,
  options: UrlOptions,
  receive: (response: Response) => Promise<Result>,
): Promise<Result> {
  const { address, signal } = message;
  const { retries = 2 } = options;
  return withRetries({ name: addressName(address), retries, signal }, async () =>
    receive(await send(message, options)),
  );
}

/**
 * Sends a request once.
 * @returns a response of status 200, 206 or 416
 * @throws DiffusionError `not-found`, or `io` if the server refuses; another error if a retry may succeed
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
 * Reads the whole body.
 * @param maxBytes reading stops when the body is longer
 * @returns undefined if the body is longer than `maxBytes`
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  return concatenate(chunks);
}

/** Cancels an unread body, which frees its connection. */
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
    // Development servers answer unknown addresses with their start page.
    const isPage = response.headers.get("content-type")?.startsWith("text/html") && !name.endsWith(".html");
    if (!isPage) return;
    await discard(response);
    throw new DiffusionError(
      "not-found",
      `Cannot read '${name}' as the server answers with a web page: found text/html`,
    );
  }
  await discard(response);
  if (status === 404 || status === 410) {
    throw new DiffusionError(
      "not-found",
      `Cannot read '${name}' as the server has no such file: found status ${status}`,
    );
  }
  const isTransient = status >= 500 || status === 429 || status === 408;
  if (isTransient)
    throw new TransientError(`status ${status}`, retryAfterMs(response.headers.get("retry-after")));
  const refused = status === 401 || status === 403;
  if (refused && (await refusedIsAbsent?.())) {
    const why = "the server refuses this file but not config.json, so the file probably does not exist";
    throw new DiffusionError("not-found", `Cannot read '${name}' as ${why}: found status ${status}`);
  }
  const hint = refused ? ` (${refusalHint})` : "";
  throw new DiffusionError(
    "io",
    `Cannot read '${name}' as the server refuses${hint}: found status ${status}`,
  );
}
