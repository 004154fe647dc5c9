/** Schemas of what the core declares: parameters, and things that are chosen by name with parameters. */
import * as z from "zod";
import { type Declared, describe, type Parameter, type Parameters } from "../../core/index.ts";
import { described, strict } from "./fields.ts";

/** Over HTTP names are written as the OpenAI API writes them. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
/** An object with its own names as the core writes them. */
export function camelCased(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camelCase(name), value]));
}

/** What the parameter accepts; its default is told and not filled in, as a model or a preset may have another. */
export function parameterSchema(parameter: Parameter): z.ZodType {
  const schema = plainSchema(parameter, { error: describe(parameter) });
  const nullable = parameter.kind !== "boolean" && parameter.nullable;
  const { help, default: value } = parameter;
  return (nullable ? schema.nullable() : schema).meta({ description: help, default: value });
}

function plainSchema(parameter: Parameter, error: { readonly error: string }): z.ZodType {
  if (parameter.kind === "boolean") return z.boolean(error);
  if (parameter.kind === "choice") return z.enum(parameter.choices as readonly string[], error);
  const { minimum, maximum, integer, exclusiveMinimum } = parameter;
  let schema = integer ? z.int(error) : z.number(error);
  if (minimum !== -Infinity)
    schema = exclusiveMinimum ? schema.gt(minimum, error) : schema.min(minimum, error);
  if (maximum !== Infinity) schema = schema.max(maximum, error);
  return schema;
}

/** A field for each parameter, none of them required. */
export function parameterFields(parameters: Parameters): Record<string, z.ZodOptional<z.ZodType>> {
  const entries = Object.entries(parameters);
  return Object.fromEntries(
    entries.map(([name, parameter]) => [snakeCase(name), parameterSchema(parameter).optional()]),
  );
}

/** `{name, ...parameters}` of one of the declarations. */
export function choiceSchema(declared: readonly (Declared & { readonly help?: string })[]): z.ZodType {
  const options = declared.map(({ name, parameters, help }) =>
    strict({ name: z.literal(name), ...parameterFields(parameters) }, help),
  );
  const [first, ...others] = options;
  const names = declared.map(({ name }) => name).join(", ");
  return z.discriminatedUnion("name", [first!, ...others], {
    error: ({ code }) => (code === "invalid_union" ? `one of ${names}` : "an object with a name"),
  });
}

/** An object of parameters, or null for none of it. */
export function settingsSchema(parameters: Parameters, help: string): z.ZodType {
  return described(strict(parameterFields(parameters)).nullable(), help);
}
