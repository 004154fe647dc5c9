/**
 * Schemas of fields. By convention the error message of a schema describes the valid values, for example `a number at
 * least 0`. `readRequest` completes the sentence with the name of the field and the value.
 */
import * as z from "zod";

/** The schema of an object without other fields. */
export function strict<S extends z.core.$ZodShape>(shape: S, help?: string) {
  const error = (issue: { readonly code?: string | undefined }) =>
    issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") || "none" : "an object";
  return described(z.strictObject(shape, { error }), help);
}

export function text(help?: string) {
  return described(z.string({ error: "a string" }), help);
}

/** The schema of `true` or `false`. */
export function flag(help?: string) {
  return described(z.boolean({ error: "true or false" }), help);
}

/** The schema of a field with one supported value. */
export function only<const T extends string | number | boolean>(value: T, reason: string) {
  return z.literal(value, { error: `${value}, as ${reason}` }).meta({ description: reason });
}

export function oneOf<const T extends readonly string[]>(values: T, help?: string) {
  return described(z.enum(values, { error: `one of ${values.join(", ")}` }), help);
}

export function integerFrom(minimum: number, maximum: number, help?: string) {
  const bounds = maximum === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${maximum}`;
  const error = `an integer at least ${minimum}${bounds}`;
  const schema = z.int({ error }).min(minimum, { error }).max(maximum, { error });
  return described(schema, help);
}

export function described<T extends z.ZodType>(schema: T, help: string | undefined): T {
  return help === undefined ? schema : schema.meta({ description: help });
}

/** Removes fields that are undefined or null, as OpenAI's clients send `null` for absent fields. */
export function omitNullish<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], null | undefined> };
}
