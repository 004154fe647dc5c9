/**
 * Declares a field of other servers' APIs that this server does not implement: the values that can be accepted as they have
 * no effect, and whether other values are ignored or rejected.
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface ForeignField {
  /** Description for /openapi.json and the documentation. */
  readonly help: string;
  /** Values that have the same meaning as an absent field. `any` if no value affects the answer. */
  readonly neutral: "any" | readonly Json[];
  /** Why other values are rejected. If absent, they are ignored and named in a response header. */
  readonly rejected?: string;
}

export type ForeignFields = Readonly<Record<string, ForeignField>>;

/** A field that does not affect the answer: every value is accepted. */
export function accepted(help: string): ForeignField {
  return { help, neutral: "any" };
}

/** A field for a feature that this server lacks and that does not change the text: other values are ignored. */
export function ignored(help: string, ...neutral: readonly Json[]): ForeignField {
  return { help, neutral };
}

/** A field that would change the answer in a way that is not supported: other values are rejected. */
export function unsupported(neutral: readonly Json[], rejected: string): ForeignField {
  return { help: rejected, neutral, rejected };
}

export function isNeutral({ neutral }: ForeignField, value: unknown): boolean {
  return value === null || neutral === "any" || neutral.some((each) => isSame(each, value));
}

/** Values in a sentence, for example `0 or 1`. */
export function joinedByOr(values: readonly Json[]): string {
  return values.map((value) => JSON.stringify(value)).join(" or ");
}

/** Deep equality. Its cost is bounded by `one`, as `other` comes from a client. */
export function isSame(one: Json, other: unknown): boolean {
  if (typeof one !== "object" || one === null) return one === other;
  if (typeof other !== "object" || other === null || Array.isArray(one) !== Array.isArray(other))
    return false;
  if (Array.isArray(one)) {
    const others = other as readonly unknown[];
    return one.length === others.length && one.every((each, index) => isSame(each, others[index]));
  }
  const names = Object.keys(one);
  for (const name in other) if (!names.includes(name)) return false;
  return names.every((name) =>
    isSame((one as Record<string, Json>)[name]!, (other as Record<string, unknown>)[name]),
  );
}
