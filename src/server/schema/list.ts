/**
 * Lists of requests. zod's own array reads every element and makes an issue of each that is wrong, before it looks at
 * the length: a million wrong elements would hold the thread for seconds. These end at the first, and look at the length
 * before.
 */
import * as z from "zod";

export interface ListOptions {
  readonly minimum?: number;
  readonly maximum?: number;
  /** What the list may be, in words. */
  readonly error: string;
  readonly help?: string;
}

/** The most elements of a list, but for those of token ids. */
const mostElements = 16_384;

export function list<T>(
  element: z.ZodType<T>,
  { minimum = 0, maximum = mostElements, error, help }: ListOptions,
): z.ZodType<readonly T[]> {
  const { $schema: _, ...items } = z.toJSONSchema(element, { io: "input" });
  const bounds = { ...(minimum > 0 && { minItems: minimum }), maxItems: maximum };
  return checked({ type: "array", items, ...bounds, description: help }, (value, fail) => {
    if (!Array.isArray(value) || value.length < minimum) return fail([], error);
    if (value.length > maximum) return fail([], `a list of at most ${maximum}`);
    for (const [index, each] of value.entries()) {
      const result = element.safeParse(each);
      const issue = result.error?.issues[0];
      if (issue) return fail([index, ...issue.path], issue.message);
    }
  });
}

/** The most token ids of a list: what a body may hold is less. */
const mostTokens = 2 ** 20;
const largestToken = 2 ** 32 - 1;

export function tokenList({
  minimum = 0,
  maximum = mostTokens,
  help,
}: Omit<ListOptions, "error"> = {}): z.ZodType<readonly number[]> {
  const items = { type: "integer", minimum: 0, maximum: largestToken };
  const bounds = { ...(minimum > 0 && { minItems: minimum }), maxItems: maximum };
  const error = maximum === mostTokens ? "a list of token ids" : `a list of at most ${maximum} token ids`;
  return checked({ type: "array", items, ...bounds, description: help }, (value, fail) => {
    if (!Array.isArray(value) || value.length < minimum || value.length > maximum) return fail([], error);
    const wrong = value.findIndex((each) => !Number.isInteger(each) || each < 0 || each > largestToken);
    if (wrong >= 0) fail([wrong], `an integer at least 0 and at most ${largestToken}`);
  });
}

type Fail = (path: readonly PropertyKey[], allowed: string) => void;

/** A schema that is checked by hand. @param json what it is in JSON schema, as zod cannot know */
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
