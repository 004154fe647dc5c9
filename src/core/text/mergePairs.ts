import type { Pausing } from "../pausing.ts";
import type { PairTable } from "./pairTable.ts";

/** Tokens, and the end of each, counted in symbols (exclusive). */
export interface Merged {
  readonly ids: readonly number[];
  readonly ends: readonly number[];
}

/** Exclusive maximum of a position. An entry of the queue is `rank * maxPositions + position`, exact in a double. */
const maxPositions = 2 ** 28;
/** Merges between two pauses. */
const mergesPerPause = 1024;

/** A priority queue of numbers as a binary heap. */
class MinHeap {
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
 * Byte-pair encoding of symbols: repeatedly merges the pair of neighbours with the lowest rank, and among equal ranks the
 * leftmost. Time: n log n for n symbols.
 */
export function* mergePairs(symbols: readonly number[], pairs: PairTable): Pausing<Merged> {
  const count = symbols.length;
  const ids = Int32Array.from(symbols);
  // A linked list of the current tokens, each at the position of its first symbol.
  const next = Int32Array.from(symbols, (_, index) => index + 1);
  const previous = Int32Array.from(symbols, (_, index) => index - 1);
  const queue = new MinHeap();
  const consider = (position: number) => {
    const rank = pairs.rankOf(ids[position]!, ids[next[position]!]!);
    if (rank >= 0) queue.push(rank * maxPositions + position);
  };
  for (let position = 0; position + 1 < count; position++) consider(position);
  for (let merges = 0; queue.size > 0; ) {
    const entry = queue.pop();
    const rank = Math.floor(entry / maxPositions);
    const position = entry - rank * maxPositions;
    const right = next[position]!;
    // The entry is stale if one of the two tokens has been merged since.
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
    if (++merges % mergesPerPause === 0) yield;
  }
  const merged: { ids: number[]; ends: number[] } = { ids: [], ends: [] };
  for (let position = 0; position < count; position = next[position]!) {
    merged.ids.push(ids[position]!);
    merged.ends.push(next[position]!);
  }
  return merged;
}
