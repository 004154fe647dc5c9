/** Reads fields of a config.json. A missing field or a wrong type is an error that names the field. */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";

const maxBoundedCount = 1024;

export class ConfigReader {
  readonly name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @param name the file, as errors name it */
  constructor(name: string, fields: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.#fields = fields;
  }

  /** Whether the field exists and is not null. */
  has(field: string): boolean {
    return this.#value(field) !== undefined;
  }

  /** A positive integer. */
  count(field: string, fallback?: number): number {
    return this.#read(
      field,
      fallback,
      "a positive integer",
      (v): v is number => Number.isSafeInteger(v) && (v as number) > 0,
    );
  }
  /**
   * A positive integer up to 1,024, for the number of layers and experts. A larger number in a damaged file would only
   * exhaust the memory.
   */
  boundedCount(field: string): number {
    const valid = (v: unknown): v is number =>
      Number.isSafeInteger(v) && (v as number) > 0 && (v as number) <= maxBoundedCount;
    return this.#read(field, undefined, `a positive integer up to ${maxBoundedCount}`, valid);
  }
  /** 0 or a positive integer. */
  nonNegativeInteger(field: string, fallback?: number): number {
    const valid = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
    return this.#read(field, fallback, "0 or a positive integer", valid);
  }
  /** A finite number above 0. */
  positive(field: string, fallback?: number): number {
    const valid = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v) && v > 0;
    return this.#read(field, fallback, "a positive number", valid);
  }
  /** A finite number, 0 or above. */
  nonNegative(field: string, fallback?: number): number {
    const valid = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v) && v >= 0;
    return this.#read(field, fallback, "0 or a positive number", valid);
  }
  flag(field: string, fallback?: boolean): boolean {
    return this.#read(field, fallback, "true or false", (v): v is boolean => typeof v === "boolean");
  }
  text(field: string, fallback?: string): string {
    return this.#read(field, fallback, "a string", (v): v is string => typeof v === "string");
  }
  texts(field: string): readonly string[] {
    const valid = (v: unknown): v is string[] =>
      Array.isArray(v) && v.every((text) => typeof text === "string");
    return this.#read(field, [], "a list of strings", valid);
  }
  numbers(field: string, fallback?: readonly number[]): readonly number[] {
    const valid = (v: unknown): v is number[] => Array.isArray(v) && v.every(Number.isFinite);
    return this.#read(field, fallback, "a list of finite numbers", valid);
  }
  /** A token id; undefined if the field is absent. */
  token(field: string): number | undefined {
    return this.tokens(field)[0];
  }
  /** A token id or a list of token ids; empty if the field is absent. Configurations use -1 for no token. */
  tokens(field: string): readonly number[] {
    const id = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= -1;
    const valid = (v: unknown): v is number | number[] => id(v) || (Array.isArray(v) && v.every(id));
    const value = this.#read<number | readonly number[]>(
      field,
      [],
      "a token id or a list of token ids",
      valid,
    );
    return (typeof value === "number" ? [value] : value).filter((token) => token >= 0);
  }

  /** Refuses a model whose field has an unsupported value. The field may be absent or null. */
  only(field: string, ...supported: readonly unknown[]): void {
    if (this.has(field)) this.must(field, ...supported);
  }
  /** As `only`, but the field must exist: for fields whose default in the configuration class is not supported. */
  must(field: string, ...supported: readonly unknown[]): void {
    const value = this.#value(field);
    if (supported.includes(value)) return;
    throw this.unsupported(field, supported.length > 0 ? supported.map(found).join(" or ") : "absent", value);
  }
  /** One of the supported values, or the fallback if the field is absent. */
  oneOf<T extends string>(field: string, supported: readonly T[], fallback: T): T {
    this.only(field, ...supported);
    return (this.#value(field) as T | undefined) ?? fallback;
  }
  /** Refuses a model with an unknown field, of those with the prefix, which may change the meaning of the other fields. */
  onlyFields(known: readonly string[], prefix = ""): void {
    const unknown = Object.keys(this.#fields).find(
      (field) => field.startsWith(prefix) && !known.includes(field) && this.has(field),
    );
    if (unknown !== undefined) throw this.unsupported(unknown, "absent", this.#value(unknown));
  }

  /** A reader for an object in a field; undefined if the field is absent. */
  section(field: string): ConfigReader | undefined {
    if (!this.has(field)) return undefined;
    const valid = (v: unknown): v is Readonly<Record<string, unknown>> => isJsonObject(v);
    return new ConfigReader(`${this.name}, '${field}'`, this.#read(field, undefined, "an object", valid));
  }

  /** As `section`, but `false` and an empty object count as absent. */
  optionalSection(field: string): ConfigReader | undefined {
    const value = this.#value(field);
    const empty = value === false || (isJsonObject(value) && Object.keys(value).length === 0);
    return empty ? undefined : this.section(field);
  }

  unsupported(field: string, allowed: string, value: unknown): DiffusionError {
    const message = `Cannot load the model as '${field}' in ${this.name} must be ${allowed}: found ${found(value)}`;
    return new DiffusionError("unsupported", message);
  }

  fail(message: string): DiffusionError {
    return new DiffusionError("invalid-file", `Cannot load the model as ${this.name} ${message}`);
  }

  #value(field: string): unknown {
    const value = Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined;
    return value === null ? undefined : value;
  }

  #read<T>(
    field: string,
    fallback: T | undefined,
    expected: string,
    valid: (value: unknown) => value is T,
  ): T {
    const value = this.#value(field) ?? fallback;
    if (value === undefined) throw this.fail(`lacks '${field}': expected ${expected}`);
    if (!valid(value))
      throw this.fail(`has no valid '${field}': expected ${expected}, found ${found(value)}`);
    return value;
  }
}
