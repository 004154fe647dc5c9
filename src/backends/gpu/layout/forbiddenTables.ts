/**
 * Tokens that may not stand at a position: one table for each head request that forbids some. Positions with the same list
 * share it.
 */
import { DiffusionError } from "../../../core/error.ts";
import type { HeadRequest } from "../../../core/tensor/index.ts";
import { forbiddenListLayout, forbiddenTableLayout, writeStructure } from "../../layout/index.ts";

export class ForbiddenTables {
  readonly words: Uint32Array<ArrayBuffer>;
  #used = 0;

  /** @param words room for all tables of a submission */
  constructor(words: number) {
    this.words = new Uint32Array(words);
  }

  /** Words in use. */
  get used(): number {
    return this.#used;
  }

  clear(): void {
    this.#used = 0;
  }

  /**
   * Adds a request's table.
   * @returns the word at which it begins
   * @throws DiffusionError `out-of-memory` if there is no room
   */
  add(positions: HeadRequest["positions"], forbidden: NonNullable<HeadRequest["forbidden"]>): number {
    const at = this.#used;
    const firstPosition = positions[0] ?? 0;
    const positionCount = positions.length > 0 ? positions.at(-1)! - firstPosition + 1 : 0;
    const listsAt = at + forbiddenTableLayout.words;
    let next = listsAt + positionCount * forbiddenListLayout.words;
    const placed = new Map<readonly number[], number>();
    for (const list of forbidden) {
      if (placed.has(list)) continue;
      placed.set(list, next);
      next += list.length;
    }
    if (next > this.words.length) {
      const message = `Cannot forbid the tokens of a submission as there are too many: at most ${this.words.length} words, found ${next}`;
      throw new DiffusionError("out-of-memory", message);
    }
    this.words.fill(0, at, next);
    writeStructure(this.words, at, forbiddenTableLayout, { firstPosition, positionCount });
    positions.forEach((position, index) => {
      const list = forbidden[index]!;
      writeStructure(
        this.words,
        listsAt + (position - firstPosition) * forbiddenListLayout.words,
        forbiddenListLayout,
        { tokensAt: placed.get(list)!, tokenCount: list.length },
      );
    });
    for (const [list, tokensAt] of placed) this.words.set(list, tokensAt);
    this.#used = next;
    return at;
  }
}
