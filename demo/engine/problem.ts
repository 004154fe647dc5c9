/** Errors in words: what failed, and what a person can do about it. */
import { DiffusionError, type DiffusionErrorCode } from "../../src/core/index.ts";

export interface Problem {
  readonly message: string;
  readonly advice: string;
}

const advices: Readonly<Partial<Record<DiffusionErrorCode, string>>> = {
  "invalid-request": "Change the setting that the message names, and run again.",
  "context-exceeded": "Shorten the prompt, or generate fewer positions.",
  "out-of-memory": "Close other tabs, choose a smaller model, or use the CPU.",
  "not-found": "Check the name or the address, and that the folder holds a Hugging Face model.",
  "invalid-file": "Download the file again. A cloned repository needs `git lfs pull`.",
  "device-lost": "Reload the page. If this happens again, choose the CPU.",
  disposed: "Load the model again.",
  io: "Check the connection, and that the server lets other origins read its files. Then load the model again.",
  text: "The model's tokenizer cannot encode this text. Use other characters.",
  unsupported: "Choose another model, or another backend.",
};

export function problemOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof DiffusionError ? advices[error.code] : undefined;
  return { message, advice: known ?? "Reload the page, and try again." };
}

export function isAbort(error: unknown): boolean {
  return error instanceof DiffusionError && error.code === "aborted";
}
