/** Errors about invalid and unknown fields. */
import { found } from "../../core/index.ts";
import { ApiError } from "../apiError.ts";

/** Formats a path, for example `messages[0].content`. */
export function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.replace(/^\./, "");
}

/** The error for an invalid value. @param allowed describes the valid values, for example `a number at least 0` */
export function invalidValue(path: readonly PropertyKey[], allowed: string, value: unknown): ApiError {
  const name = pathOf(path);
  const what = name === "" ? "it" : `'${name}'`;
  const there = value === undefined ? "nothing" : found(value);
  const message = `Cannot read the request as ${what} must be ${allowed}: found ${there}`;
  const code = value === undefined ? "missing_field" : "invalid_value";
  return new ApiError(400, code, message, name === "" ? {} : { param: name });
}

/** The error for an unknown field. @param known the names of the valid fields */
export function unknownField(path: readonly PropertyKey[], known: Iterable<string>): ApiError {
  const owner = pathOf(path.slice(0, -1));
  const what = owner === "" ? "it" : `'${owner}'`;
  const key = String(path.at(-1));
  const shown = key.length > 80 ? `${key.slice(0, 77)}...` : key;
  const message = `Cannot read the request as ${what} has no field '${shown}': it takes ${[...known].join(", ") || "none"}`;
  return new ApiError(400, "unknown_field", message, { param: pathOf([...path.slice(0, -1), shown]) });
}
