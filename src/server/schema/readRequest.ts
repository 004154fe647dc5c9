/** A request's body, checked. */
import type * as z from "zod";
import { parseJson } from "../body/index.ts";
import { refusal, takeFields, unknownField } from "../fields/index.ts";
import type { AppContext } from "../observer.ts";
import type { OpenSchema } from "./open.ts";

export interface ReadingOptions {
  /** Fields that an endpoint has. */
  readonly endpointFields: ReadonlySet<string>;
  /** Refuse fields that nobody reads, instead of ignoring them. */
  readonly strict: boolean;
}

/**
 * The body as JSON, with the fields that `schema` reads. What is ignored is noted.
 * @param first looks at the fields before their values are checked, where another reason would hide its own
 * @throws ApiError 400 that names the field, says what is allowed and what was found
 */
export async function readRequest<T>(
  c: AppContext,
  { schema, level }: OpenSchema<T>,
  { endpointFields, strict }: ReadingOptions,
  first: (body: unknown) => void = () => {},
): Promise<T> {
  const json = await parseJson(c.var.body);
  const { ignored } = c.var.observation;
  const body = takeFields(json, level, { elsewhere: endpointFields, strict, ignored });
  first(body);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw refusalOf(result.error.issues[0]!, body);
}

function refusalOf(issue: z.core.$ZodIssue, body: unknown): Error {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return unknownField([...path, issue.keys[0]!], [issue.message]);
  return refusal(path, issue.message, valueAt(body, path));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}
