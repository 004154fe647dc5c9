/** Requests to a server, whose failures are errors of this package. */
import { DiffusionError, found, throwIfAborted } from "../../core/index.ts";
import { eventData } from "./eventData.ts";
import { errorOfAnswer } from "./httpError.ts";
import { parseJson, toJson } from "./json.ts";

export interface ServerOptions {
  /** The API key, for servers that require one. */
  readonly key?: string;
  /** Replaces the global `fetch`: for tests and proxies. The `fetch` of an app of `unmask/server` needs no connection. */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
}

export interface Call {
  /** Relative to the server's address. */
  readonly path: string;
  /** Sent as JSON by POST; absent for GET. */
  readonly body?: object;
  /** What the caller does, for the error of an abort. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

export class ServerClient {
  /** With a slash at its end. */
  readonly address: string;
  readonly #key: string | undefined;
  readonly #fetch: (request: Request) => Response | Promise<Response>;

  /** @throws DiffusionError `invalid-request` */
  constructor(address: string | URL, { key, fetch = (request) => globalThis.fetch(request) }: ServerOptions) {
    this.address = folderOf(String(address));
    // Not named in the error, as it is a secret.
    if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
      throw refused("its API key must be printable ASCII without spaces");
    this.#key = key;
    this.#fetch = fetch;
  }

  /** @throws DiffusionError the error of the server; `io` if the server cannot be reached; `aborted` */
  async json(call: Call): Promise<unknown> {
    const response = await this.#send(call);
    return parseJson(await this.#read(call, () => response.text()), this.address);
  }

  /**
   * The data of a stream of events until `[DONE]`.
   * @throws DiffusionError as `json`, and `io` if the stream ends before
   */
  async *events(call: Call & { readonly signal: AbortSignal }): AsyncGenerator<string, void, undefined> {
    const { body } = await this.#send(call);
    const data = eventData(body!, call.signal);
    try {
      for (;;) {
        const next = await this.#read(call, () => data.next());
        throwIfAborted(call.signal, call.what);
        if (next.done) throw this.#lost("the server has ended the stream before its last event");
        if (next.value === "[DONE]") return;
        yield next.value;
      }
    } finally {
      await data.return();
    }
  }

  async #send(call: Call): Promise<Response> {
    const { path, body, what, signal } = call;
    throwIfAborted(signal, what);
    const request = new Request(new URL(path, this.address), {
      method: body ? "POST" : "GET",
      headers: {
        ...(body && { "content-type": "application/json" }),
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
      },
      ...(body && { body: toJson(body) }),
      ...(signal && { signal }),
    });
    const response = await this.#read(call, () => this.#fetch(request));
    if (response.ok) return response;
    const text = await this.#read(call, () => response.text());
    throw errorOfAnswer(response.status, jsonOrNothing(text), this.address);
  }

  async #read<T>({ what, signal }: Call, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (cause) {
      throwIfAborted(signal, what);
      throw this.#lost(reasonOf(cause), cause);
    }
  }

  #lost(why: string, cause?: unknown): DiffusionError {
    const message = `Cannot continue with the server at ${this.address} as the connection failed: ${why}`;
    return new DiffusionError("io", message, { cause });
  }
}

/** The address with a slash at its end. @throws DiffusionError `invalid-request` */
function folderOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "")
    throw refused(
      `its address must be like http://host:8000, without user and query: found ${found(address)}`,
    );
  return url.href.replace(/#.*$/, "").replace(/\/*$/, "/");
}

function refused(why: string): DiffusionError {
  return new DiffusionError("invalid-request", `Cannot use the server as ${why}`);
}

/** Node has the reason in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message
    ? `${error.message}, ${error.cause.message}`
    : error.message;
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
