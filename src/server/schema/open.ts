/** Objects of a request to which clients may add fields of other servers. */
import * as z from "zod";
import type { ForeignField, ForeignFields, Json, Level } from "../fields/index.ts";

/** How an object is read: which of its fields, and what their values may be. */
export interface OpenSchema<T> {
  /** Of the object with the fields that are read. */
  readonly schema: z.ZodType<T>;
  readonly level: Level;
}

export interface OpenOptions {
  readonly foreign?: ForeignFields;
  readonly absent?: Level["absent"];
  readonly aliases?: Level["aliases"];
  /** Fields that hold objects of this kind, or lists of them. */
  readonly inside?: Readonly<Record<string, Pick<OpenSchema<unknown>, "level">>>;
  readonly help?: string;
}

export function open<S extends z.core.$ZodShape>(
  shape: S,
  { foreign = {}, absent = {}, aliases = {}, inside = {}, help }: OpenOptions,
): OpenSchema<z.infer<z.ZodObject<S>>> {
  const others = Object.entries(foreign).filter(([name]) => !Object.hasOwn(shape, name));
  const documented = Object.fromEntries(others.map(([name, field]) => [name, documentedField(field)]));
  const schema = z.looseObject({ ...shape, ...documented }, { error: "an object" });
  const described = help === undefined ? schema : schema.meta({ description: help });
  const levels = Object.entries(inside).map(([name, { level }]) => [name, level] as const);
  const own = new Set(Object.keys(shape));
  return {
    schema: described as unknown as z.ZodType<z.infer<z.ZodObject<S>>>,
    level: { own, absent, foreign, aliases, inside: Object.fromEntries(levels) },
  };
}

/** For /openapi.json: no schema sees such a field. */
function documentedField({ help, neutral, refused }: ForeignField) {
  const values = refused === undefined || neutral === "any" ? undefined : neutral;
  const description =
    refused === undefined
      ? `${help}; the answer does not depend on it`
      : `only so that clients may say that they want none of it: ${refused}`;
  const allowed: Json[] | undefined = values && [...values, null];
  return z
    .unknown()
    .optional()
    .meta({ description, ...(allowed && { enum: allowed }) });
}
