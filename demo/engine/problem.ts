/** Errors in words: what failed, and what a person can do about it. */
import { DiffusionError, type DiffusionErrorCode } from "../../src/core/index.ts";

export interface Problem {
  readonly message: string;
  readonly advice: string;
}

const advices: Readonly<Partial<Record<DiffusionErrorCode, string>>> = {
  "invalid-request": "Change the setting that the message names, and run again.",
  "context-exceeded": "Shorten the prompt, or generate fewer positions.",
  "out-of-memory":
    "Close other tabs, load the model with quantized weights or fewer positions, or choose a smaller model.",
  "not-found": "Check the name or the address, and that the folder holds a Hugging Face model.",
  "invalid-file": "Download the file again. A cloned repository needs `git lfs pull`.",
  "device-lost": "Load the model again. If this happens again, choose the CPU.",
  disposed: "Load the model again.",
  io: "Check the connection, and that the server lets other origins read its files. Then load the model again.",
  text: "The model's tokenizer cannot encode this text. Use other characters.",
  unsupported: "Choose another model, or another backend.",
};

export function problemOf(error: unknown, isOnline = globalThis.navigator?.onLine ?? true): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return { message, advice: adviceFor(error, message, isOnline) };
}

function adviceFor(error: unknown, message: string, isOnline: boolean): string {
  // The browser's own names of these errors are in the messages.
  if (message.includes("QuotaExceededError"))
    return "The browser's storage is full. Delete kept models, then load the model again.";
  if (!(error instanceof DiffusionError)) return "Reload the page, and try again.";
  if (!isOnline && error.code === "io")
    return "This browser is offline. Models that are kept in it can still be loaded.";
  return advices[error.code] ?? "Reload the page, and try again.";
}

export function isAbort(error: unknown): boolean {
  return isCode(error, "aborted");
}

/** Whether the engine is gone with this error. */
export function isEnd(error: unknown): boolean {
  return isCode(error, "device-lost");
}

function isCode(error: unknown, code: DiffusionErrorCode): boolean {
  return error instanceof DiffusionError && error.code === code;
}
