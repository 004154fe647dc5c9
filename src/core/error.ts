/** The closed list of reasons for which an operation of unmask fails. */
export type DiffusionErrorCode =
  /** A request, an option or an argument is not valid. */
  | "invalid-request"
  /** An expected file does not exist. */
  | "not-found"
  /** A file is damaged, or its format does not match its name. */
  | "invalid-file"
  /** The checkpoint's tensors do not match its configuration. */
  | "invalid-weights"
  /** The model, or a setting of its configuration, is not supported. */
  | "unsupported"
  /** Text cannot be encoded without loss, or a template cannot be rendered. */
  | "text"
  /** The prompt and its answer together are longer than the model's context. */
  | "context-exceeded"
  /** Memory is exhausted, or a limit of the device is exceeded. */
  | "out-of-memory"
  /** The model computed NaN or infinity. */
  | "numeric"
  /** The caller's AbortSignal fired; its reason is the cause. */
  | "aborted"
  /** The request's own deadline has passed. */
  | "deadline-exceeded"
  /** The engine, or a slot of it, has been disposed. */
  | "disposed"
  /** A source of bytes (disk, network) failed. */
  | "io"
  /** The device was lost. */
  | "device-lost"
  /** An internal rule of unmask was broken: a bug. */
  | "internal";

/**
 * The one error class of unmask. The message states what could not be done, why, and the value found, as in
 * `Cannot start block 3 as 'blockLength' must be a positive integer: found 0`.
 */
export class DiffusionError extends Error {
  override readonly name = "DiffusionError";
  readonly code: DiffusionErrorCode;

  constructor(code: DiffusionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Throws a DiffusionError `aborted` with the signal's reason as its cause, if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) {
    throw new DiffusionError("aborted", `Cannot ${what} as the caller aborted it`, { cause: signal.reason });
  }
}

/** Makes the error for a broken internal rule. */
export function bug(message: string): DiffusionError {
  return new DiffusionError("internal", message);
}

/** Formats a value for the end of an error message: short, on one line, strings quoted. */
export function found(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value !== "object" || value === null) return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    // The value has a cycle, or is nested too deep even for String().
    text = Object.prototype.toString.call(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
