/** Errors as the OpenAI API has them: `{error: {message, type, param, code}}`. */
import { DiffusionError, type DiffusionErrorCode } from "../core/index.ts";

/** The statuses that this server answers errors with. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 499 | 500 | 503 | 504 | 507;

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The field that is wrong, as in `diffusion.decoder.threshold`. */
    readonly param: string | null;
    readonly code: string;
  };
}

export interface ApiErrorOptions {
  readonly param?: string;
  /** Sent with the answer, as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** What a request is answered with when it cannot be answered. Middlewares throw it too. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ErrorStatus;
  readonly code: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: ErrorStatus, code: string, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.param = options.param ?? null;
    this.headers = options.headers ?? {};
  }

  get body(): ErrorBody {
    const { message, param, code } = this;
    return { error: { message, type: typeOf(this.status), param, code } };
  }
}

function typeOf(status: ErrorStatus): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/**
 * What the engine's errors are over HTTP. `out-of-memory` is 507: the request is valid, and too large for this server,
 * so neither it nor a retry helps. 499 is sent to nobody: its client has left.
 */
const statuses: Readonly<Record<DiffusionErrorCode, ErrorStatus>> = {
  "invalid-request": 400,
  text: 400,
  "context-exceeded": 400,
  unsupported: 400,
  aborted: 499,
  "out-of-memory": 507,
  disposed: 503,
  "deadline-exceeded": 504,
  "device-lost": 503,
  numeric: 500,
  "not-found": 500,
  "invalid-file": 500,
  "invalid-weights": 500,
  io: 500,
  internal: 500,
};

/** Codes that the API's clients know by another name. */
const names: Partial<Readonly<Record<DiffusionErrorCode, string>>> = {
  "context-exceeded": "context_length_exceeded",
};

/** An error of any kind as one that can be answered. What is not the engine's own says nothing of itself. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof DiffusionError) {
    const { code, message } = error;
    return new ApiError(statuses[code], names[code] ?? code.replaceAll("-", "_"), message, { cause: error });
  }
  return new ApiError(500, "internal", "Cannot answer the request as the server failed", { cause: error });
}
