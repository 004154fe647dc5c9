/** The closed list of reasons for which anything in unmask fails. */
export type DiffusionErrorCode =
  /** A request, an option or an argument is not valid. */
  | "invalid-request"
  /** A file that was expected is not there. */
  | "not-found"
  /** A file is damaged or not of the format that its name promises. */
  | "invalid-file"
  /** The checkpoint's tensors are not those that its configuration asks for. */
  | "invalid-weights"
  /** The model, or something that its configuration asks for, is not supported. */
  | "unsupported"
  /** Text cannot be encoded without loss, or a template cannot be rendered. */
  | "text"
  /** A prompt and its answer are longer than the model's context. */
  | "context-exceeded"
  /** Memory, or a limit of the device, does not suffice. */
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
  /** A rule of the engine's own was broken: a bug in unmask. */
  | "internal";

/**
 * The one error class of unmask. The message says what could not be done, why, then what was found, as in
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

/** Throws an `aborted` DiffusionError, whose cause is the signal's reason, if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) {
    throw new DiffusionError("aborted", `Cannot ${what} as the caller aborted it`, { cause: signal.reason });
  }
}

/** The error for a rule of the engine's own that does not hold. */
export function bug(message: string): DiffusionError {
  return new DiffusionError("internal", message);
}

/** A value as it should stand at the end of an error's message: short, on one line, strings quoted. */
export function found(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value !== "object" || value === null) return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    // A cycle, or nesting too deep even for String().
    text = Object.prototype.toString.call(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
