/** Error messages and exit codes of failed commands. */
import { DiffusionError, type DiffusionErrorCode } from "../core/error.ts";
import { interruptedCode } from "./interrupt.ts";

export const exitCodes = {
  ok: 0,
  failure: 1,
  badInput: 2,
  /** The server has lost all of its engines. */
  enginesLost: 3,
  interrupted: interruptedCode,
} as const;

/** Errors that the caller can fix: bad arguments, files or text. */
const inputCodes: ReadonlySet<DiffusionErrorCode> = new Set([
  "invalid-request",
  "invalid-file",
  "invalid-weights",
  "not-found",
  "unsupported",
  "text",
  "context-exceeded",
]);

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof DiffusionError)) return exitCodes.failure;
  if (error.code === "aborted") return exitCodes.interrupted;
  return inputCodes.has(error.code) ? exitCodes.badInput : exitCodes.failure;
}

/** The message for standard error. `verbose` adds the causes, and the stack of an internal error. */
export function failureText(error: unknown, verbose: boolean): string {
  if (error instanceof DiffusionError && error.code === "aborted") return "unmask: interrupted\n";
  const known = error instanceof DiffusionError && error.code !== "internal";
  const lines = [`unmask: ${known ? error.message : `this is a bug: ${messageOf(error)}`}`];
  if (verbose) lines.push(...causes(error));
  else if (!known) lines.push("--verbose prints the stack");
  if (verbose && !known && error instanceof Error && error.stack) lines.push(error.stack);
  return `${lines.join("\n")}\n`;
}

function causes(error: unknown): readonly string[] {
  const lines: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 10; depth++) {
    lines.push(`  caused by: ${messageOf(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
