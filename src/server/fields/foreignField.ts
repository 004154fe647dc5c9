/** A field that other servers have and this one has not: which of its values ask for nothing, and what becomes of others. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface ForeignField {
  /** What it is, for /openapi.json and the documentation. */
  readonly help: string;
  /** Values that ask for nothing: they are taken. `any` where the answer depends on none of them. */
  readonly neutral: "any" | readonly Json[];
  /** Why another value is refused, as it would change the answer. Where absent, it is ignored, and the answer says so. */
  readonly refused?: string;
}

export type ForeignFields = Readonly<Record<string, ForeignField>>;

/** Says nothing of the answer. */
export function label(help: string): ForeignField {
  return { help, neutral: "any" };
}

/** Would change nothing of the text, but something that is not done. */
export function ignored(help: string, ...neutral: readonly Json[]): ForeignField {
  return { help, neutral };
}

/** Would change the answer, and cannot be done. */
export function only(neutral: readonly Json[], refused: string): ForeignField {
  return { help: refused, neutral, refused };
}

export function isNeutral({ neutral }: ForeignField, value: unknown): boolean {
  return value === null || neutral === "any" || neutral.some((each) => same(each, value));
}

/** The values that are taken, as in `0 or 1`. */
export function inWords(values: readonly Json[]): string {
  return values.map((value) => JSON.stringify(value)).join(" or ");
}

/** Whether a value is the other one. What it costs depends on the first alone. */
export function same(one: Json, other: unknown): boolean {
  if (typeof one !== "object" || one === null) return one === other;
  if (typeof other !== "object" || other === null || Array.isArray(one) !== Array.isArray(other))
    return false;
  if (Array.isArray(one)) {
    const others = other as readonly unknown[];
    return one.length === others.length && one.every((each, index) => same(each, others[index]));
  }
  const names = Object.keys(one);
  for (const name in other) if (!names.includes(name)) return false;
  return names.every((name) =>
    same((one as Record<string, Json>)[name]!, (other as Record<string, unknown>)[name]),
  );
}
