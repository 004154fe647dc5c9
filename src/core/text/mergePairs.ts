import type { Pausing } from "../pausing.ts";
import type { PairTable } from "./pairTable.ts";

/** Tokens and where each ends, in symbols (exclusive). */
export interface Merged {
  readonly ids: readonly number[];
  readonly ends: readonly number[];
}

/** Positions that a queue's entry can hold: it is `rank * positions + position`, exact in a double. */
const positions = 2 ** 28;
/** Merges between two pauses. */
const mergesAPause = 1024;

/** A queue of numbers, the least first: a binary heap. */
class LeastFirst {
  readonly #heap: number[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(value: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= value) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = value;
  }

  pop(): number {
    const heap = this.#heap;
    const least = heap[0]!;
    const value = heap.pop()!;
    const size = heap.length;
    if (size === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= value) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = value;
    return least;
  }
}

/**
 * Byte-pair encoding of symbols: of all pairs of neighbours the one of the lowest rank is merged first, the leftmost of
 * equal ones, until none is left. Time: n log n for n symbols.
 */
export function* mergePairs(symbols: readonly number[], pairs: PairTable): Pausing<Merged> {
  const count = symbols.length;
  const ids = Int32Array.from(symbols);
  // A list of those that are left, each at the position of its first symbol.
  const next = Int32Array.from(symbols, (_, index) => index + 1);
  const previous = Int32Array.from(symbols, (_, index) => index - 1);
  const queue = new LeastFirst();
  const consider = (position: number) => {
    const rank = pairs.rankOf(ids[position]!, ids[next[position]!]!);
    if (rank >= 0) queue.push(rank * positions + position);
  };
  for (let position = 0; position + 1 < count; position++) consider(position);
  for (let merges = 0; queue.size > 0; ) {
    const entry = queue.pop();
    const rank = Math.floor(entry / positions);
    const position = entry - rank * positions;
    const right = next[position]!;
    // Either of the two may have been merged since: then the pair is another one, or none.
    if (ids[position]! < 0 || right >= count) continue;
    if (pairs.rankOf(ids[position]!, ids[right]!) !== rank) continue;
    ids[position] = pairs.merged(rank);
    ids[right] = -1;
    const after = next[right]!;
    next[position] = after;
    if (after < count) {
      previous[after] = position;
      consider(position);
    }
    if (previous[position]! >= 0) consider(previous[position]!);
    if (++merges % mergesAPause === 0) yield;
  }
  const merged: { ids: number[]; ends: number[] } = { ids: [], ends: [] };
  for (let position = 0; position < count; position = next[position]!) {
    merged.ids.push(ids[position]!);
    merged.ends.push(next[position]!);
  }
  return merged;
}
