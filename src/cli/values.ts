/** Strict parsing of option values, so that a typing mistake is an error. */
import { found } from "../core/error.ts";
import { DiffusionError, describeParameter, type Parameter } from "../core/index.ts";

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function refuse(flag: string, expected: string, text: unknown): DiffusionError {
  return new DiffusionError(
    "invalid-request",
    `Cannot use '${flag}' as it must be ${expected}: found ${found(text)}`,
  );
}

/**
 * Parses the value of a declared parameter. The declaration checks ranges.
 * @param text the string, or true for an option without a value
 * @throws DiffusionError `invalid-request`
 */
export function parseValue(flag: string, parameter: Parameter, text: string | boolean): unknown {
  if (parameter.kind === "boolean") {
    if (typeof text === "boolean") return text;
    throw refuse(flag, describeParameter(parameter), text);
  }
  if (parameter.nullable && text === "null") return null;
  if (parameter.kind === "choice") {
    if (parameter.choices.some((choice) => choice === text)) return text;
    throw refuse(flag, describeParameter(parameter), text);
  }
  if (typeof text === "string" && decimal.test(text)) return Number(text);
  throw refuse(flag, describeParameter(parameter), text);
}

/** Parses a positive integer. @throws DiffusionError `invalid-request` */
export function parseCount(flag: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw refuse(flag, "a positive integer", text);
}
