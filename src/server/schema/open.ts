/** Objects in requests that clients may extend with fields of other servers. */
import * as z from "zod";
import type { ForeignField, ForeignFields, Json, Level } from "../fields/index.ts";

/** The schema of an object, and the fields to select before it is applied. */
export interface OpenSchema<T> {
  /** Validates the selected fields. */
  readonly schema: z.ZodType<T>;
  readonly level: Level;
}

export interface OpenOptions {
  readonly foreign?: ForeignFields;
  readonly absent?: Level["absent"];
  readonly aliases?: Level["aliases"];
  /** Fields that contain such objects, or arrays of them. */
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

/** The documentation of a field in /openapi.json. Validation never sees the field, as it is not selected. */
function documentedField({ help, neutral, rejected }: ForeignField) {
  const values = rejected === undefined || neutral === "any" ? undefined : neutral;
  const description =
    rejected === undefined
      ? `${help}; the answer does not depend on it`
      : `for compatibility only, other values are rejected: ${rejected}`;
  const allowed: Json[] | undefined = values && [...values, null];
  return z
    .unknown()
    .optional()
    .meta({ description, ...(allowed && { enum: allowed }) });
}
