/** Reads fields of a config.json; what is missing or of the wrong type is an error that names the field. */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";

const mostListed = 1024;

export class ConfigReader {
  readonly name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @param name how errors name the file */
  constructor(name: string, fields: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.#fields = fields;
  }

  /** Whether the field is there and not null. */
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
   * A positive integer: how many there are of what the model lists one by one, as layers and experts. So many as no model
   * has would only fill the memory.
   */
  listed(field: string): number {
    const valid = (v: unknown): v is number =>
      Number.isSafeInteger(v) && (v as number) > 0 && (v as number) <= mostListed;
    return this.#read(field, undefined, `a positive integer up to ${mostListed}`, valid);
  }
  /** 0 or a positive integer. */
  whole(field: string, fallback?: number): number {
    const valid = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
    return this.#read(field, fallback, "0 or a positive integer", valid);
  }
  /** A finite number above 0. */
  positive(field: string, fallback?: number): number {
    const valid = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v) && v > 0;
    return this.#read(field, fallback, "a positive number", valid);
  }
  /** A finite number, 0 or above. */
  notNegative(field: string, fallback?: number): number {
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
  /** A token id, or undefined where there is none. */
  token(field: string): number | undefined {
    return this.tokens(field)[0];
  }
  /** A token id or a list of them; none where the field is absent, and -1 is none, as configurations have it for padding. */
  tokens(field: string): readonly number[] {
    const id = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= -1;
    const valid = (v: unknown): v is number | number[] => id(v) || (Array.isArray(v) && v.every(id));
    const value = this.#read<number | readonly number[]>(field, [], "a token id or a list of them", valid);
    return (typeof value === "number" ? [value] : value).filter((token) => token >= 0);
  }

  /** Refuses a model whose field says anything but what is supported. Absent or null is fine. */
  only(field: string, ...supported: readonly unknown[]): void {
    if (this.has(field)) this.must(field, ...supported);
  }
  /** Refuses a model whose field is absent or says anything but what is supported: for fields whose default is another. */
  must(field: string, ...supported: readonly unknown[]): void {
    const value = this.#value(field);
    if (supported.includes(value)) return;
    throw this.unsupported(field, supported.length > 0 ? supported.map(found).join(" or ") : "absent", value);
  }
  /** One of these values, or the fallback where the field is absent. */
  oneOf<T extends string>(field: string, supported: readonly T[], fallback: T): T {
    this.only(field, ...supported);
    return (this.#value(field) as T | undefined) ?? fallback;
  }
  /** Refuses a model with a field that is none of these, as it may change what the others mean. */
  onlyFields(known: readonly string[]): void {
    const unknown = Object.keys(this.#fields).find((field) => !known.includes(field) && this.has(field));
    if (unknown !== undefined) throw this.unsupported(unknown, "absent", this.#value(unknown));
  }

  /** The fields of an object in a field; undefined where there is none. */
  section(field: string): ConfigReader | undefined {
    if (!this.has(field)) return undefined;
    const valid = (v: unknown): v is Readonly<Record<string, unknown>> => isJsonObject(v);
    return new ConfigReader(`${this.name}, '${field}'`, this.#read(field, undefined, "an object", valid));
  }

  /** As `section`; `false` and an empty object say as little as an absent field. */
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
