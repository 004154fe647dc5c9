/** Parses and validates a request's body. */
import type * as z from "zod";
import { parseJson } from "../body/index.ts";
import { invalidValue, selectFields, unknownField } from "../fields/index.ts";
import type { AppContext } from "../observer.ts";
import type { OpenSchema } from "./open.ts";

export interface ReadingOptions {
  /** The fields of all endpoints. */
  readonly endpointFields: ReadonlySet<string>;
  /** Reject unknown fields instead of ignoring them. */
  readonly strict: boolean;
}

/**
 * The validated body with the fields of `schema`. Ignored fields are recorded.
 * @param first checks the body before the schema does, if its error is to take precedence
 * @throws ApiError 400 with the field, the valid values and the value found
 */
export async function readRequest<T>(
  c: AppContext,
  { schema, level }: OpenSchema<T>,
  { endpointFields, strict }: ReadingOptions,
  first: (body: unknown) => void = () => {},
): Promise<T> {
  const json = await parseJson(c.var.body);
  const { ignored } = c.var.observation;
  const body = selectFields(json, level, { otherEndpoints: endpointFields, strict, ignored });
  first(body);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw errorOf(result.error.issues[0]!, body);
}

function errorOf(issue: z.core.$ZodIssue, body: unknown): Error {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return unknownField([...path, issue.keys[0]!], [issue.message]);
  return invalidValue(path, issue.message, valueAt(body, path));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}
