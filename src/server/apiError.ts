/** Errors in the format of the OpenAI API: `{error: {message, type, param, code}}`. */
import { DiffusionError, type DiffusionErrorCode } from "../core/index.ts";

/** The HTTP statuses of error responses. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 499 | 500 | 503 | 504 | 507;

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The invalid field, for example `diffusion.decoder.threshold`. */
    readonly param: string | null;
    readonly code: string;
  };
}

export interface ApiErrorOptions {
  readonly param?: string;
  /** Response headers, for example `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that becomes the response. Handlers and middlewares throw it. */
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
 * The HTTP status of each engine error. `out-of-memory` is 507 as the request is valid but too large for this server, so
 * a retry cannot succeed. 499 is never sent: it marks requests whose client has disconnected.
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

/** Engine codes that have another name in the OpenAI API. */
const names: Partial<Readonly<Record<DiffusionErrorCode, string>>> = {
  "context-exceeded": "context_length_exceeded",
};

/** Converts any error to an ApiError. The message of an unexpected error stays on the server. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof DiffusionError) {
    const { code, message } = error;
    return new ApiError(statuses[code], names[code] ?? code.replaceAll("-", "_"), message, { cause: error });
  }
  return new ApiError(500, "internal", "Cannot answer the request as the server failed", { cause: error });
}
