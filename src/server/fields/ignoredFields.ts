/** The names of a request's ignored fields, limited to the size of a response header. */

/** Field names that are safe in a response header and a log, as the client chooses them. */
const plainName = /^[\w.[\]-]{1,64}$/;
const maxNamed = 32;

export class IgnoredFields {
  readonly #names = new Set<string>();
  /** Number of fields that are not named, as the name is not plain or there are too many. */
  #others = 0;

  /** @param name the path of the field, for example `messages[].name` */
  add(name: string): void {
    if (this.#names.has(name)) return;
    if (plainName.test(name) && this.#names.size < maxNamed) this.#names.add(name);
    else this.#others++;
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** The header's value, for example `files, messages[].name, 3 others`; undefined if no field was ignored. */
  get header(): string | undefined {
    const others = this.#others === 0 ? [] : [`${this.#others} other${this.#others === 1 ? "" : "s"}`];
    const all = [...this.#names, ...others];
    return all.length === 0 ? undefined : all.join(", ");
  }
}
