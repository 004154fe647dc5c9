/** Selects the known fields of a body before their values are validated. Other fields are accepted, rejected or ignored. */
import { ApiError } from "../apiError.ts";
import { invalidValue, pathOf, unknownField } from "./fieldErrors.ts";
import { type ForeignFields, isNeutral, isSame, type Json, joinedByOr } from "./foreignField.ts";
import type { IgnoredFields } from "./ignoredFields.ts";

/** The fields of an object in a body, or of each object in an array. */
export interface Level {
  /** Fields that the schema validates. */
  readonly own: ReadonlySet<string>;
  /** Values of own fields that mean the same as an absent field. */
  readonly absent: Readonly<Record<string, readonly Json[]>>;
  readonly foreign: ForeignFields;
  /** Own fields by their alternative names. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Own fields that contain objects, or arrays of objects. */
  readonly inside: Readonly<Record<string, Level>>;
}

export interface SelectOptions {
  /** Fields of other endpoints. They are rejected, as the client expects them to change the answer. */
  readonly otherEndpoints: ReadonlySet<string>;
  /** Reject fields that would otherwise be ignored. */
  readonly strict: boolean;
  readonly ignored: IgnoredFields;
}

/**
 * Returns the body with its known fields only. A field with the value `null` is absent.
 * @throws ApiError 400 for a field that is not supported
 */
export function selectFields(body: unknown, level: Level, options: SelectOptions): unknown {
  return Array.isArray(body) ? body : select(body, level, options, [], "");
}

function select(
  value: unknown,
  level: Level,
  options: SelectOptions,
  path: readonly PropertyKey[],
  /** The path without array indices, with a dot at its end. */
  pattern: string,
): unknown {
  // The schema rejects a value that is not an object.
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const inArray = pattern.replace(/\.$/, "[].");
    return value.map((each, index) =>
      typeof each !== "object" || Array.isArray(each)
        ? each
        : select(each, level, options, [...path, index], inArray),
    );
  }
  const selected: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === null) continue;
    const at = [...path, key];
    const alias = Object.hasOwn(level.aliases, key) ? level.aliases[key] : undefined;
    const name = alias !== undefined && level.own.has(alias) ? alias : key;
    if (!level.own.has(name)) dropField(name, field, level, options, at, pattern);
    else if (!isAbsent(name, field, level)) {
      if (selected[name] !== undefined && selected[name] !== field) throw conflictingAlias(at, level);
      const inside = Object.hasOwn(level.inside, name) ? level.inside[name] : undefined;
      selected[name] = inside ? select(field, inside, options, at, `${pattern}${name}.`) : field;
    }
  }
  return selected;
}

function isAbsent(name: string, value: unknown, { absent }: Level): boolean {
  return Object.hasOwn(absent, name) && absent[name]!.some((each) => isSame(each, value));
}

/** The error for two names of one field with different values. */
function conflictingAlias(path: readonly PropertyKey[], { aliases }: Level): ApiError {
  const name = String(path.at(-1));
  const [alias, field] = Object.entries(aliases).find((pair) => pair.includes(name))!;
  const message = `Cannot read the request as '${alias}' and '${field}' are the same setting and must not differ`;
  return new ApiError(400, "invalid_combination", message, { param: pathOf(path) });
}

/** Drops a field that the schema does not know. @throws ApiError 400 if the field must not be dropped */
function dropField(
  name: string,
  value: unknown,
  level: Level,
  { otherEndpoints, strict, ignored }: SelectOptions,
  path: readonly PropertyKey[],
  pattern: string,
): void {
  const field = Object.hasOwn(level.foreign, name) ? level.foreign[name] : undefined;
  if (field && isNeutral(field, value)) return;
  if (field?.rejected !== undefined) {
    const allowed = field.neutral.length === 0 ? "absent" : joinedByOr(field.neutral as readonly Json[]);
    throw invalidValue(path, `${allowed}, as ${field.rejected}`, value);
  }
  if (strict || (pattern === "" && otherEndpoints.has(name))) throw unknownField(path, level.own);
  ignored.add(pattern + name);
}
