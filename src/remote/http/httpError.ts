/** Errors of a server, as errors of this package. */
import { DiffusionError, type DiffusionErrorCode } from "../../core/index.ts";
import { isJsonObject } from "../../core/jsonObject.ts";

/** The cause of a DiffusionError that a server answered with. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** The server's own code, for example `too_many_requests`; undefined if the answer was not in the format of the API. */
  readonly code: string | undefined;

  constructor(status: number, code: string | undefined, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The codes that keep their name, with `_` in place of `-`. */
const keptCodes: Readonly<Record<DiffusionErrorCode, true>> = {
  "invalid-request": true,
  "not-found": true,
  "invalid-file": true,
  "invalid-weights": true,
  unsupported: true,
  text: true,
  "context-exceeded": true,
  "out-of-memory": true,
  numeric: true,
  aborted: true,
  "deadline-exceeded": true,
  disposed: true,
  io: true,
  "device-lost": true,
  internal: true,
};

/** The codes of the server that have another name here. */
const renamedCodes: Readonly<Record<string, DiffusionErrorCode>> = {
  context_length_exceeded: "context-exceeded",
  engine_lost: "device-lost",
};

/**
 * The error of an answer, whose body may be of any kind.
 * @param body parsed JSON, or undefined if the body was not JSON
 */
export function errorOfAnswer(status: number, body: unknown, address: string): DiffusionError {
  const error = isJsonObject(body) && isJsonObject(body["error"]) ? body["error"] : undefined;
  const known = typeof error?.["message"] === "string" && typeof error["code"] === "string";
  const code = known ? String(error["code"]) : undefined;
  const message = known
    ? String(error["message"])
    : `Cannot use the server at ${address} as it has answered with an error: found status ${status}`;
  return new DiffusionError(codeOf(status, code), message, { cause: new HttpError(status, code, message) });
}

function codeOf(status: number, code = ""): DiffusionErrorCode {
  if (Object.hasOwn(renamedCodes, code)) return renamedCodes[code]!;
  const kept = code.replaceAll("_", "-");
  if (Object.hasOwn(keptCodes, kept)) return kept as DiffusionErrorCode;
  if (status === 404) return "not-found";
  // A busy or overloaded server may answer later.
  return status >= 500 || status === 408 || status === 429 ? "io" : "invalid-request";
}
