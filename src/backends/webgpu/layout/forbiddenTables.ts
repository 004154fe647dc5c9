/**
 * Tokens that may not stand at a position, as shaders/include/forbidden.wgsl reads them: a table a head request, which
 * the request names. A table holds its first position and how many positions it spans; (where, how many) for each of
 * these; then the tokens, positions with the same list sharing it.
 */
import { DiffusionError } from "../../../core/error.ts";
import type { HeadRequest } from "../../../core/tensor/index.ts";

export class ForbiddenTables {
  readonly words: Uint32Array<ArrayBuffer>;
  #used = 0;

  /** @param words what all tables of a submission may take */
  constructor(words: number) {
    this.words = new Uint32Array(words);
  }

  /** Words that are in use. */
  get used(): number {
    return this.#used;
  }

  clear(): void {
    this.#used = 0;
  }

  /**
   * Adds a request's table and says where it begins.
   * @throws DiffusionError `out-of-memory` if there is no room
   */
  add(positions: HeadRequest["positions"], forbidden: NonNullable<HeadRequest["forbidden"]>): number {
    const at = this.#used;
    const first = positions[0] ?? 0;
    const span = positions.length > 0 ? positions.at(-1)! - first + 1 : 0;
    let next = at + 2 + 2 * span;
    const places = new Map<readonly number[], number>();
    for (const list of forbidden) {
      if (places.has(list)) continue;
      places.set(list, next);
      next += list.length;
    }
    if (next > this.words.length) {
      const message = `Cannot forbid so many tokens in a submission: room for ${this.words.length} words, found ${next}`;
      throw new DiffusionError("out-of-memory", message);
    }
    this.words.fill(0, at, next);
    this.words.set([first, span], at);
    positions.forEach((position, index) => {
      const list = forbidden[index]!;
      this.words.set([places.get(list)!, list.length], at + 2 + 2 * (position - first));
    });
    for (const [list, place] of places) this.words.set(list, place);
    this.#used = next;
    return at;
  }
}
