/** Hands out contiguous ranges of the K/V pool: the first gap that is large enough. */
import { bug } from "../../error.ts";

interface Gap {
  readonly base: number;
  readonly length: number;
}

export class PositionPool {
  readonly capacity: number;
  /** Ascending, never adjacent. */
  #gaps: readonly Gap[];

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#gaps = [{ base: 0, length: capacity }];
  }

  /** The first position of a range, or undefined if there is none now. */
  reserve(length: number): number | undefined {
    const gap = this.#gaps.find((candidate) => candidate.length >= length);
    if (!gap) return undefined;
    const rest = { base: gap.base + length, length: gap.length - length };
    this.#gaps = this.#gaps.flatMap((each) => (each !== gap ? [each] : rest.length > 0 ? [rest] : []));
    return gap.base;
  }

  release(base: number, length: number): void {
    const end = base + length;
    if (this.#gaps.some((gap) => gap.base < end && base < gap.base + gap.length)) {
      throw bug(`Positions [${base}, ${end}) of the pool were released twice`);
    }
    const before = this.#gaps.find((gap) => gap.base + gap.length === base);
    const after = this.#gaps.find((gap) => gap.base === end);
    const start = before?.base ?? base;
    const stop = after ? after.base + after.length : end;
    const others = this.#gaps.filter((gap) => gap !== before && gap !== after);
    this.#gaps = [...others, { base: start, length: stop - start }].sort((a, b) => a.base - b.base);
  }

  get free(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap.length, 0);
  }
}
