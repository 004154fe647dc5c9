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
    const valid = (v: unknown): v is number[] => Array.isArray(v) && v.every((n) => typeof n === "number");
    return this.#read(field, fallback, "a list of numbers", valid);
  }
  /** A token id, or undefined where there is none. */
  token(field: string): number | undefined {
    return this.tokens(field)[0];
  }
  /** A token id or a list of them; none where the field is absent. */
  tokens(field: string): readonly number[] {
    const id = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0;
    const valid = (v: unknown): v is number | number[] => id(v) || (Array.isArray(v) && v.every(id));
    const value = this.#read<number | readonly number[]>(field, [], "a token id or a list of them", valid);
    return typeof value === "number" ? [value] : value;
  }

  /** Refuses a model whose field says anything but what is supported. Absent or null is fine. */
  only(field: string, ...supported: readonly unknown[]): void {
    const value = this.#value(field);
    if (value === undefined || supported.includes(value)) return;
    const allowed = supported.length > 0 ? supported.map(found).join(" or ") : "absent";
    throw this.unsupported(field, allowed, value);
  }

  /** The fields of an object in a field; undefined where there is none. */
  section(field: string): ConfigReader | undefined {
    if (!this.has(field)) return undefined;
    const valid = (v: unknown): v is Readonly<Record<string, unknown>> => isJsonObject(v);
    return new ConfigReader(`${this.name}, '${field}'`, this.#read(field, undefined, "an object", valid));
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
