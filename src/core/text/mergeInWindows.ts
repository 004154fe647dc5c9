/**
 * Byte-pair encoding of words of any length, window by window, with the tokens of the whole.
 *
 * Why that is exact: a merge is chosen by its rank and its place among equal ones, so what happens within a stretch of
 * symbols does not depend on what is around it as long as no merge crosses its ends. Hence tokens t1 … tn are the encoding
 * of their text exactly if each pair of neighbours is that of its own. A window that begins where a token of the one before
 * begins, and with the same token, therefore goes on there: every pair of neighbours is one of either window.
 */
import { type Merged, mergePairs } from "./mergePairs.ts";
import type { PairTable } from "./pairTable.ts";

const windowLength = 4096;

/** Tokens that follow each other, or undefined where the encoding may pause. */
export type Tokens = Generator<readonly number[] | undefined, void, undefined>;

/** @param symbols the ids of a word's symbols, read as far as they are needed */
export function* mergeInWindows(
  symbols: Iterator<number, unknown>,
  pairs: PairTable,
  length = windowLength,
): Tokens {
  /** Symbols from the first that has no token yet. */
  let buffer: number[] = [];
  let ended = false;
  let more = length;
  const read = (count: number) => {
    while (!ended && buffer.length < count) {
      const symbol = symbols.next();
      if (symbol.done) ended = true;
      else buffer.push(symbol.value);
    }
  };
  read(length);
  let known = yield* mergePairs(buffer, pairs);
  while (!ended) {
    const overlap = overlapOf(known);
    const end = buffer.length;
    read(end + more);
    yield undefined;
    const start = overlap < 0 ? 0 : known.ends[overlap]!;
    const window = shifted(yield* mergePairs(buffer.slice(start), pairs), start);
    const next = overlap + 1;
    const joins = start > 0 && window.ids[0] === known.ids[next] && window.ends[0] === known.ends[next];
    if (!joins) {
      // No token in common: one window of both, and a longer one next.
      known = start === 0 ? window : yield* mergePairs(buffer, pairs);
      more = buffer.length;
      continue;
    }
    more = length;
    yield known.ids.slice(0, next);
    buffer = buffer.slice(start);
    known = shifted(window, -start);
  }
  yield known.ids;
}

/** The last token before the last quarter of a window, which the next one computes again; -1 if there is none. */
function overlapOf({ ends }: Merged): number {
  const bound = (ends.at(-1) ?? 0) * 0.75;
  let index = ends.length - 1;
  while (index >= 0 && ends[index]! > bound) index--;
  return index;
}

function shifted({ ids, ends }: Merged, by: number): Merged {
  return { ids, ends: ends.map((end) => end + by) };
}
