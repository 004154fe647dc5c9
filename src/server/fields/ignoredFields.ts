/** Names of fields that a request has and nobody reads: as many as an answer's header can hold. */

/** Names of fields are the client's words: only plain ones are repeated. */
const plainName = /^[\w.[\]-]{1,64}$/;
const mostNamed = 32;

export class IgnoredFields {
  readonly #names = new Set<string>();
  /** Those that are not named: as they are not plain, or too many. */
  #others = 0;

  /** @param name with the path to it, as in `messages[].name` */
  add(name: string): void {
    if (this.#names.has(name)) return;
    if (plainName.test(name) && this.#names.size < mostNamed) this.#names.add(name);
    else this.#others++;
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** The header's value, as in `files, messages[].name, 3 others`; undefined where nothing was ignored. */
  get header(): string | undefined {
    const others = this.#others === 0 ? [] : [`${this.#others} other${this.#others === 1 ? "" : "s"}`];
    const all = [...this.#names, ...others];
    return all.length === 0 ? undefined : all.join(", ");
  }
}
