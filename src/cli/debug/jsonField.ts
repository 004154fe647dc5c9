/** A value in a JSON file together with its path, so that errors name the exact field. */
import { DiffusionError, found } from "../../core/error.ts";
import { isJsonObject } from "../../core/jsonObject.ts";

export class JsonField {
  readonly value: unknown;
  readonly #file: string;
  readonly #path: string;

  constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    this.value = value;
  }

  /**
   * Throws the error of an invalid value.
   * @param expected completes the sentence "the field must be ..."
   * @throws DiffusionError `invalid-file`
   */
  refuse(expected: string): never {
    const name = this.#path === "" ? "its top level" : `'${this.#path}'`;
    const message = `Cannot use '${this.#file}' as ${name} must be ${expected}: found ${found(this.value)}`;
    throw new DiffusionError("invalid-file", message);
  }

  /** Whether the field is missing or null. */
  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get(name: string): JsonField {
    const value = this.object()[name];
    return new JsonField(this.#file, this.#path === "" ? name : `${this.#path}.${name}`, value);
  }

  object(): Readonly<Record<string, unknown>> {
    return isJsonObject(this.value) ? this.value : this.refuse("an object");
  }

  list(): readonly JsonField[] {
    if (!Array.isArray(this.value)) return this.refuse("a list");
    return this.value.map((value, index) => new JsonField(this.#file, `${this.#path}[${index}]`, value));
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.refuse("a string");
  }

  integer(minimum: number): number {
    const { value } = this;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= minimum) return value;
    return this.refuse(`an integer of at least ${minimum}`);
  }

  /** A finite number. */
  number(): number {
    const { value } = this;
    return typeof value === "number" && Number.isFinite(value) ? value : this.refuse("a number");
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.refuse("true or false");
  }

  /** Requires that the object has no fields but these. */
  only(...names: readonly string[]): void {
    const unknown = Object.keys(this.object()).find((name) => !names.includes(name));
    if (unknown !== undefined) this.get(unknown).refuse(`absent (known fields: ${names.join(", ")})`);
  }

  /** Token ids. */
  tokens(): readonly number[] {
    return this.list().map((field) => field.integer(0));
  }

  /** One token id, or a list of token ids. */
  tokenOrTokens(): readonly number[] {
    return Array.isArray(this.value) ? this.tokens() : [this.integer(0)];
  }

  /** Numbers as f32. */
  floats(): Float32Array {
    return Float32Array.from(this.list(), (field) =>
      typeof field.value === "number" ? field.value : field.refuse("a number"),
    );
  }

  oneOf<const T extends string>(...texts: readonly T[]): T {
    const match = texts.find((text) => text === this.value);
    return match ?? this.refuse(`one of ${texts.join(", ")}`);
  }
}
