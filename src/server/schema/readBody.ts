/** A request's body, checked. */
import type * as z from "zod";
import { found } from "../../core/index.ts";
import { ApiError } from "../apiError.ts";

/** @throws ApiError 400 if the body is not JSON in UTF-8 */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await request.arrayBuffer();
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const message = `Cannot read the request as its body must be JSON in UTF-8: ${reasonOf(cause)}`;
    throw new ApiError(400, "invalid_json", message, { cause });
  }
}

/** @throws ApiError 400 if it is not of the schema: it names the field, says what is allowed and what was found */
export function validBody<T>(value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal(result.error.issues[0]!, value);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function refusal(issue: z.core.$ZodIssue, body: unknown): ApiError {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const owner = path === "" ? "it" : `'${path}'`;
    const message = `Cannot read the request as ${owner} has no field '${key}': it takes ${issue.message}`;
    return new ApiError(400, "unknown_field", message, { param: pathOf([...issue.path, key]) });
  }
  const value = valueAt(body, issue.path);
  const what = path === "" ? "it" : `'${path}'`;
  const there = value === undefined ? "nothing" : found(value);
  const message = `Cannot read the request as ${what} must be ${issue.message}: found ${there}`;
  const param = path === "" ? {} : { param: path };
  return new ApiError(400, value === undefined ? "missing_field" : "invalid_value", message, param);
}

/** As in `messages[0].content`. */
function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.replace(/^\./, "");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}
