/** Values of declared parameters as text, on a command line or in a link: strictly, so that a typing mistake is an error. */
import { DiffusionError, found } from "../error.ts";
import { describeParameter, type Parameter } from "./parameter.ts";

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @param flag the name of the value in errors */
export function refuseValue(flag: string, expected: string, text: unknown): DiffusionError {
  return new DiffusionError(
    "invalid-request",
    `Cannot use '${flag}' as it must be ${expected}: found ${found(text)}`,
  );
}

/**
 * Parses the value of a declared parameter. The declaration checks ranges.
 * @param flag the name of the value in errors
 * @param text the string, or true for an option without a value
 * @throws DiffusionError `invalid-request`
 */
export function parseValue(flag: string, parameter: Parameter, text: string | boolean): unknown {
  if (parameter.kind === "boolean") {
    if (typeof text === "boolean") return text;
    throw refuseValue(flag, describeParameter(parameter), text);
  }
  if (parameter.nullable && text === "null") return null;
  if (parameter.kind === "choice") {
    if (parameter.choices.some((choice) => choice === text)) return text;
    throw refuseValue(flag, describeParameter(parameter), text);
  }
  if (typeof text === "string" && decimal.test(text)) return Number(text);
  throw refuseValue(flag, describeParameter(parameter), text);
}
