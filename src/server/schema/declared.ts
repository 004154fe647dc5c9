/** Schemas made from the core's declarations: parameters, decoders and cache policies. */
import * as z from "zod";
import { type Declared, describeParameter, type Parameter, type Parameters } from "../../core/index.ts";
import { described, strict } from "./fields.ts";

/** Converts a camel-case name to snake case, the convention of the OpenAI API. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
/** Converts a snake-case name to camel case, the convention of the core. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
/** Converts the field names of an object to camel case. */
export function camelCased(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camelCase(name), value]));
}

/** The schema of a parameter. It documents the default but does not apply it, as a model or preset may have another default. */
export function parameterSchema(parameter: Parameter): z.ZodType {
  const schema = plainSchema(parameter, { error: describeParameter(parameter) });
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

/** The name of a parameter's field. */
export type Naming = (name: string) => string;
/** The names of the core. */
export const declaredName: Naming = (name) => name;

/** The schemas of an object with an optional field for each parameter. */
export function parameterFields(
  parameters: Parameters,
  naming: Naming = snakeCase,
): Record<string, z.ZodOptional<z.ZodType>> {
  const entries = Object.entries(parameters);
  return Object.fromEntries(
    entries.map(([name, parameter]) => [naming(name), parameterSchema(parameter).optional()]),
  );
}

/** The schema of an object that selects one of the declarations by `name` and may set its parameters. */
export function choiceSchema(
  declared: readonly (Declared & { readonly help?: string })[],
  naming?: Naming,
): z.ZodType {
  const options = declared.map(({ name, parameters, help }) =>
    strict({ name: z.literal(name), ...parameterFields(parameters, naming) }, help),
  );
  const [first, ...others] = options;
  const names = declared.map(({ name }) => name).join(", ");
  return z.discriminatedUnion("name", [first!, ...others], {
    // The error of an unknown name is reported at the field `name`, any other error at the object.
    error: ({ code }) => (code === "invalid_union" ? `one of ${names}` : "an object with a 'name'"),
  });
}

/** The schema of an object of parameters; null switches the feature off. */
export function settingsSchema(parameters: Parameters, help: string, naming?: Naming): z.ZodType {
  return described(strict(parameterFields(parameters, naming)).nullable(), help);
}
