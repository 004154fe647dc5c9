/** Observers of requests, for metrics and logs: one call at the start of a request, one at the end of its response. */
import type { Context, MiddlewareHandler } from "hono";
import { IgnoredFields } from "./fields/index.ts";

/** A request before its body is read. */
export interface ObservedRequest {
  /** The client's `X-Request-Id` if it is valid, else a new ID. The response has the same header. */
  readonly id: string;
  readonly method: string;
  /** The path template of the endpoint, for example `/v1/models/{id}`; `unknown` for a path without endpoint. */
  readonly endpoint: string;
}

/** The result of a request. */
export interface RequestOutcome {
  /** The status that was sent, even if the stream failed later; 499 if the client disconnected before a status was sent. */
  readonly status: number;
  /** The `code` of the error in the response body or in the stream. */
  readonly errorCode?: string;
  /** Whether the client disconnected before the end. */
  readonly aborted: boolean;
  readonly stream: boolean;
  /** The name of an existing model; absent if the request failed before its model was found. */
  readonly model?: string;
  /** Time from the request to the end of the response. */
  readonly totalMs: number;
  /** Time from the request to the first final token; absent if there was no token. */
  readonly firstTokenMs?: number;
  /** Absent if the generation did not finish. */
  readonly generated?: GeneratedCounts;
  /** Names of the ignored fields of the body; absent if there were none. */
  readonly ignoredFields?: readonly string[];
}

/** Counts summed over the choices of a request; times are the maximum over the choices. */
export interface GeneratedCounts {
  readonly choices: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly forwards: number;

  readonly queuedMs: number;
  readonly decodeMs: number;
}

export interface ServerObserver {
  onRequest?(request: ObservedRequest): void;
  /** The body of the request, decompressed and not yet parsed. */
  onBody?(request: ObservedRequest, body: Uint8Array): void;
  /** Called once for every `onRequest`. */
  onEnd?(request: ObservedRequest, outcome: RequestOutcome): void;
}

/** What an app's handlers and middlewares find in a request's context. */
export interface AppEnv {
  Variables: {
    observation: Observation;
    /** The body of a POST request to an endpoint, decompressed. */
    body: Uint8Array<ArrayBuffer>;
  };
}
export type AppContext = Context<AppEnv>;
export type AppMiddleware = MiddlewareHandler<AppEnv>;

/** One request in progress. Handlers record facts about it, and the observer receives them at the end. */
export class Observation {
  readonly request: ObservedRequest;
  readonly ignored = new IgnoredFields();
  readonly #observer: ServerObserver;
  readonly #startedAt = performance.now();
  #noted: Partial<Pick<RequestOutcome, "model" | "errorCode" | "firstTokenMs" | "generated">> = {};
  #stream = false;
  #aborted = false;
  #ended = false;

  constructor(request: ObservedRequest, observer: ServerObserver) {
    this.request = request;
    this.#observer = observer;
    observer.onRequest?.(request);
  }

  note(noted: Partial<Pick<RequestOutcome, "model" | "errorCode" | "generated">>): void {
    this.#noted = { ...this.#noted, ...noted };
  }
  noteBody(body: Uint8Array): void {
    this.#observer.onBody?.(this.request, body);
  }
  noteToken(): void {
    if (this.#noted.firstTokenMs !== undefined) return;
    this.#noted = { ...this.#noted, firstTokenMs: performance.now() - this.#startedAt };
  }
  noteAbort(): void {
    this.#aborted = true;
  }
  /** Marks the response as a stream, which ends after its handler has returned. */
  noteStream(): void {
    this.#stream = true;
  }
  get stream(): boolean {
    return this.#stream;
  }

  /** Reports the outcome. Only the first call has an effect. */
  end(status: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const totalMs = performance.now() - this.#startedAt;
    const { names } = this.ignored;
    const outcome = { status, aborted: this.#aborted, stream: this.#stream, totalMs, ...this.#noted };
    this.#observer.onEnd?.(this.request, names.length > 0 ? { ...outcome, ignoredFields: names } : outcome);
  }
}
