/** Errors for the end of a port. */
import { DiffusionError } from "../core/index.ts";

export function closedError(): DiffusionError {
  return new DiffusionError(
    "disposed",
    "Cannot continue as the port between caller and engine has been closed",
  );
}

export function workerError(cause: unknown): DiffusionError {
  return new DiffusionError("io", "Cannot continue as the engine's worker has failed", { cause });
}

export function unreadableError(cause?: unknown): DiffusionError {
  const message = "Cannot continue as a message between caller and engine could not be read";
  return new DiffusionError("io", message, cause === undefined ? {} : { cause });
}
