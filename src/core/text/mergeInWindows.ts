/**
 * Byte-pair encoding of words of any length, in windows, with the same tokens as for the whole word.
 *
 * The result is exact for this reason. A merge is chosen by its rank, then by position, so the merges within a range of
 * symbols do not depend on the symbols around it, as long as no merge crosses the range's ends. Hence tokens t1 … tn are the
 * encoding of their text if and only if each pair of neighbours is the encoding of the pair's text. If a window starts at
 * the start of a token of the window before, and with the same token, the two can be joined there: each pair of neighbours
 * of the joined tokens occurs in one of the windows.
 */
import { type Merged, mergePairs } from "./mergePairs.ts";
import type { PairTable } from "./pairTable.ts";

const windowLength = 4096;

/** Consecutive lists of tokens; undefined where the caller may pause. */
export type Tokens = Generator<readonly number[] | undefined, void, undefined>;

/** @param symbols the ids of a word's symbols, read on demand */
export function* mergeInWindows(
  symbols: Iterator<number, unknown>,
  pairs: PairTable,
  length = windowLength,
): Tokens {
  /** The symbols behind the last returned token. */
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
      // The windows have no token in common: join them to one, and read a longer one next.
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

/** The last token before the last quarter of a window; the next window starts behind it. -1 if there is none. */
function overlapOf({ ends }: Merged): number {
  const bound = (ends.at(-1) ?? 0) * 0.75;
  let index = ends.length - 1;
  while (index >= 0 && ends[index]! > bound) index--;
  return index;
}

function shifted({ ids, ends }: Merged, by: number): Merged {
  return { ids, ends: ends.map((end) => end + by) };
}
