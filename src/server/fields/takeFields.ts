/** Which fields of a body are read, before their values are: the others are taken, refused or ignored. */
import { ApiError } from "../apiError.ts";
import { type ForeignFields, inWords, isNeutral, type Json, same } from "./foreignField.ts";
import type { IgnoredFields } from "./ignoredFields.ts";
import { pathOf, refusal, unknownField } from "./refusal.ts";

/** An object of a body, or each object of a list. */
export interface Level {
  /** Fields that are read. */
  readonly own: ReadonlySet<string>;
  /** Values of these that ask for nothing, as if the field was not given. */
  readonly absent: Readonly<Record<string, readonly Json[]>>;
  readonly foreign: ForeignFields;
  /** Other names of fields that are read. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Fields that hold such objects themselves. */
  readonly inside: Readonly<Record<string, Level>>;
}

export interface TakeOptions {
  /** Fields of other endpoints: they would change an answer, and are refused. */
  readonly elsewhere: ReadonlySet<string>;
  /** Nothing is ignored: what would be, is refused. */
  readonly strict: boolean;
  readonly ignored: IgnoredFields;
}

/**
 * The body with the fields that are read, and no others. `null` is a field that is not given.
 * @throws ApiError 400 for a field that cannot be done
 */
export function takeFields(body: unknown, level: Level, options: TakeOptions): unknown {
  return Array.isArray(body) ? body : taken(body, level, options, [], "");
}

function taken(
  value: unknown,
  level: Level,
  options: TakeOptions,
  path: readonly PropertyKey[],
  /** The path without indices, and the dot behind it. */
  pattern: string,
): unknown {
  // What is no object is refused by its schema.
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const inList = pattern.replace(/\.$/, "[].");
    return value.map((each, index) =>
      typeof each !== "object" || Array.isArray(each)
        ? each
        : taken(each, level, options, [...path, index], inList),
    );
  }
  const kept: Record<string, unknown> = {};
  for (const [sent, given] of Object.entries(value)) {
    if (given === null) continue;
    const at = [...path, sent];
    const alias = Object.hasOwn(level.aliases, sent) ? level.aliases[sent] : undefined;
    const name = alias !== undefined && level.own.has(alias) ? alias : sent;
    if (!level.own.has(name)) leaveOut(name, given, level, options, at, pattern);
    else if (!asksNothing(name, given, level)) {
      if (kept[name] !== undefined && kept[name] !== given) throw twice(at, level);
      const inside = Object.hasOwn(level.inside, name) ? level.inside[name] : undefined;
      kept[name] = inside ? taken(given, inside, options, at, `${pattern}${name}.`) : given;
    }
  }
  return kept;
}

function asksNothing(name: string, given: unknown, { absent }: Level): boolean {
  return Object.hasOwn(absent, name) && absent[name]!.some((each) => same(each, given));
}

/** Of two names of one field. */
function twice(path: readonly PropertyKey[], { aliases }: Level): ApiError {
  const name = String(path.at(-1));
  const [alias, field] = Object.entries(aliases).find((pair) => pair.includes(name))!;
  const message = `Cannot read the request as '${alias}' and '${field}' say the same, and differ`;
  return new ApiError(400, "invalid_combination", message, { param: pathOf(path) });
}

/** @throws ApiError 400 unless the field may be left out */
function leaveOut(
  name: string,
  given: unknown,
  level: Level,
  { elsewhere, strict, ignored }: TakeOptions,
  path: readonly PropertyKey[],
  pattern: string,
): void {
  const field = Object.hasOwn(level.foreign, name) ? level.foreign[name] : undefined;
  if (field && isNeutral(field, given)) return;
  if (field?.refused !== undefined) {
    const allowed = field.neutral.length === 0 ? "left out" : inWords(field.neutral as readonly Json[]);
    throw refusal(path, `${allowed}, as ${field.refused}`, given);
  }
  if (strict || (pattern === "" && elsewhere.has(name))) throw unknownField(path, level.own);
  ignored.add(pattern + name);
}
