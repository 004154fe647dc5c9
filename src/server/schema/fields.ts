/**
 * Fields of requests. By convention the message of a schema's error is what the schema allows, in words, as in `a
 * number at least 0`: `readRequest` says around it which field it is and what was found there.
 */
import * as z from "zod";

/** An object that has no other fields. */
export function strict<S extends z.core.$ZodShape>(shape: S, help?: string) {
  const error = (issue: { readonly code?: string | undefined }) =>
    issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") || "none" : "an object";
  return described(z.strictObject(shape, { error }), help);
}

export function text(help?: string) {
  return described(z.string({ error: "a text" }), help);
}

/** `true` or `false`. */
export function flag(help?: string) {
  return described(z.boolean({ error: "true or false" }), help);
}

/** One value that is accepted because it asks for nothing. */
export function only<const T extends string | number | boolean>(value: T, why: string) {
  return z.literal(value, { error: `${value}, as ${why}` }).meta({ description: why });
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

/** Fields that were given: OpenAI's clients send `null` for those that were not. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], null | undefined> };
}
