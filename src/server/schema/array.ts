/**
 * Arrays in requests. zod's own array validates every element and creates an issue for each invalid one, before it checks
 * the length: a million invalid elements would block the thread for seconds. These schemas check the length first, and stop
 * at the first invalid element.
 */
import * as z from "zod";

export interface ArrayOptions {
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Describes the valid arrays. */
  readonly error: string;
  readonly help?: string;
}

/** Maximum length of an array, except for arrays of token IDs. */
const maxElements = 16_384;

export function array<T>(
  element: z.ZodType<T>,
  { minItems = 0, maxItems = maxElements, error, help }: ArrayOptions,
): z.ZodType<readonly T[]> {
  const { $schema: _, ...items } = z.toJSONSchema(element, { io: "input" });
  const bounds = { ...(minItems > 0 && { minItems }), maxItems };
  return checked({ type: "array", items, ...bounds, description: help }, (value, fail) => {
    if (!Array.isArray(value) || value.length < minItems) return fail([], error);
    if (value.length > maxItems) return fail([], `an array of at most ${maxItems} elements`);
    for (const [index, each] of value.entries()) {
      const result = element.safeParse(each);
      const issue = result.error?.issues[0];
      if (issue) return fail([index, ...issue.path], issue.message);
    }
  });
}

/** Maximum length of an array of token IDs. The limit of values in a body is lower. */
const maxTokenIds = 2 ** 20;
const maxTokenId = 2 ** 32 - 1;

export function tokenArray({
  minItems = 0,
  maxItems = maxTokenIds,
  help,
}: Omit<ArrayOptions, "error"> = {}): z.ZodType<readonly number[]> {
  const items = { type: "integer", minimum: 0, maximum: maxTokenId };
  const bounds = { ...(minItems > 0 && { minItems }), maxItems };
  const nonEmpty = minItems > 0 ? "a non-empty array" : "an array";
  const error =
    maxItems === maxTokenIds ? `${nonEmpty} of token IDs` : `an array of at most ${maxItems} token IDs`;
  return checked({ type: "array", items, ...bounds, description: help }, (value, fail) => {
    if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) return fail([], error);
    const wrong = value.findIndex((each) => !Number.isInteger(each) || each < 0 || each > maxTokenId);
    if (wrong >= 0) fail([wrong], `an integer at least 0 and at most ${maxTokenId}`);
  });
}

type Fail = (path: readonly PropertyKey[], allowed: string) => void;

/** A schema with a hand-written check. @param json the JSON schema, which zod cannot derive from the check */
function checked<T>(
  json: Record<string, unknown>,
  check: (value: unknown, fail: Fail) => void,
): z.ZodType<T> {
  const schema = z.unknown().check(({ value, issues }) => {
    check(value, (path, message) => {
      issues.push({ code: "custom", path: [...path], message, input: value });
    });
  });
  return schema.meta(json) as unknown as z.ZodType<T>;
}
