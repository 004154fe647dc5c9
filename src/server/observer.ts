/** What a server tells those who count and log: one call when a request comes in, one when all of its answer is out. */
import type { Context, MiddlewareHandler } from "hono";
import { IgnoredFields } from "./fields/index.ts";

/** A request as it came in; nothing of its body has been read. */
export interface ObservedRequest {
  /** The client's `X-Request-Id` where it is a plain one, else a new one; the answer has it too. */
  readonly id: string;
  readonly method: string;
  /** The path of an endpoint as it is documented, like `/v1/models/{id}`; `unknown` for all others. */
  readonly endpoint: string;
}

/** What became of it. */
export interface RequestOutcome {
  /** As sent, even if a stream failed later; 499 if the client left before there was one. */
  readonly status: number;
  /** The `code` of the error that was answered, in the body or in the stream. */
  readonly errorCode?: string;
  /** Whether the client left before the end. */
  readonly aborted: boolean;
  readonly stream: boolean;
  /** Of the models that the server has; absent where the request did not come so far as to name one. */
  readonly model?: string;
  /** From the request to the end of its answer. */
  readonly totalMs: number;
  /** From the request to the first token that was final; absent where there was none. */
  readonly firstTokenMs?: number;
  /** Of what was generated; absent where nothing was, or not to its end. */
  readonly generated?: GeneratedCounts;
  /** Fields of its body that nobody read; absent where there was none. */
  readonly ignoredFields?: readonly string[];
}

/** Sums over the choices of a request, but for the times. */
export interface GeneratedCounts {
  readonly choices: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly forwards: number;
  /** The longest time in the queue, and of decoding. */
  readonly queuedMs: number;
  readonly decodeMs: number;
}

export interface ServerObserver {
  onRequest?(request: ObservedRequest): void;
  /** Its body, inflated, before anything is read in it. */
  onBody?(request: ObservedRequest, body: Uint8Array): void;
  /** Once for every `onRequest`. */
  onEnd?(request: ObservedRequest, outcome: RequestOutcome): void;
}

/** What an app's handlers and middlewares find in a request's context. */
export interface AppEnv {
  Variables: {
    observation: Observation;
    /** Of a POST request to an endpoint. */
    body: Uint8Array<ArrayBuffer>;
  };
}
export type AppContext = Context<AppEnv>;
export type AppMiddleware = MiddlewareHandler<AppEnv>;

/** One request while it is being answered: the handlers note what they learn. */
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
  /** The answer is a stream: it ends later than its handler does. */
  noteStream(): void {
    this.#stream = true;
  }
  get stream(): boolean {
    return this.#stream;
  }

  /** Only the first call counts. */
  end(status: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const totalMs = performance.now() - this.#startedAt;
    const { names } = this.ignored;
    const outcome = { status, aborted: this.#aborted, stream: this.#stream, totalMs, ...this.#noted };
    this.#observer.onEnd?.(this.request, names.length > 0 ? { ...outcome, ignoredFields: names } : outcome);
  }
}
