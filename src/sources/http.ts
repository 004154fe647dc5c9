/** Requests over HTTP as unmask needs them: tried again when the network fails, aborted at any time, typed in failure. */
import { DiffusionError, found, throwIfAborted } from "../core/error.ts";

export interface UrlOptions {
  /** Instead of the global one: for tests, caches, proxies. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request, for instance `{authorization: "Bearer ..."}`; never part of an error. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a request is tried again after the network or the server failed; 2 if absent. */
  readonly retries?: number;
}

export interface HttpRequest {
  readonly address: URL;
  readonly method?: "GET" | "HEAD";
  /** The value of the Range header. */
  readonly range?: string;
  readonly signal: AbortSignal | undefined;
}

const FIRST_DELAY_MS = 100;

/** How errors name an address: without its query, which may hold a signature. */
export function addressName({ origin, pathname }: URL): string {
  return origin + pathname;
}

/**
 * Sends a request and has `receive` make something of the response; both are tried again together, because a body may
 * break off. A DiffusionError that `receive` throws is final, any other error counts as a failure of the network.
 * @throws DiffusionError `not-found`, `io`, `aborted`
 */
export async function request<Result>(
  { address, method = "GET", range, signal }: HttpRequest,
  { fetch = globalThis.fetch, headers = {}, retries = 2 }: UrlOptions,
  receive: (response: Response) => Promise<Result>,
): Promise<Result> {
  const name = addressName(address);
  const allHeaders = range === undefined ? headers : { ...headers, range };
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal, `read '${name}'`);
    try {
      const response = await fetch(address, { method, headers: allHeaders, signal: signal ?? null });
      await assertStatus(response, name);
      return await receive(response);
    } catch (cause) {
      throwIfAborted(signal, `read '${name}'`);
      if (cause instanceof DiffusionError) throw cause;
      if (attempt >= retries) {
        throw new DiffusionError(
          "io",
          `Cannot read '${name}' as the request failed: found ${reason(cause)}`,
          { cause },
        );
      }
    }
    await delay(FIRST_DELAY_MS * 2 ** attempt, signal);
  }
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
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

/** Lets go of a body that nobody reads, so that its connection is free again. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

async function assertStatus(response: Response, name: string): Promise<void> {
  const { status } = response;
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
  if (passing) throw new Error(`status ${status}`);
  const hint = status === 401 || status === 403 ? " (does it need an authorization header?)" : "";
  throw new DiffusionError(
    "io",
    `Cannot read '${name}' as the server refuses${hint}: found status ${status}`,
  );
}

/** Node says only "fetch failed" itself and has the reason as the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return found(error);
  const inner = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return found(error.message + inner);
}

function delay(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal?.addEventListener("abort", finish, { once: true });
    if (signal?.aborted) finish();
  });
}
