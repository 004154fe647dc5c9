/** Values as they stand on a command line: parsed strictly, so that a slip is an error and no number. */

import { found } from "../core/error.ts";
import { DiffusionError, describe, type Parameter } from "../core/index.ts";

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function refuse(flag: string, expected: string, text: unknown): DiffusionError {
  return new DiffusionError(
    "invalid-request",
    `Cannot use '${flag}' as it must be ${expected}: found ${found(text)}`,
  );
}

/**
 * The value of a declared parameter. Ranges are the declaration's to check.
 * @param text a string, or true where the option stands alone
 * @throws DiffusionError `invalid-request`
 */
export function parseValue(flag: string, parameter: Parameter, text: string | boolean): unknown {
  if (parameter.kind === "boolean") {
    if (typeof text === "boolean") return text;
    throw refuse(flag, describe(parameter), text);
  }
  if (parameter.nullable && text === "null") return null;
  if (parameter.kind === "choice") {
    if (parameter.choices.some((choice) => choice === text)) return text;
    throw refuse(flag, describe(parameter), text);
  }
  if (typeof text === "string" && decimal.test(text)) return Number(text);
  throw refuse(flag, describe(parameter), text);
}

/** A whole number above 0. @throws DiffusionError `invalid-request` */
export function parseCount(flag: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw refuse(flag, "a positive integer", text);
}
