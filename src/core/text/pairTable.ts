import { DiffusionError, found } from "../error.ts";

/** The merges of a byte-pair encoding, by the ids of the merged tokens: a hash table with open addressing. */
export class PairTable {
  /** By rank: the token that results from the merge. */
  readonly #merged: Int32Array;
  readonly #mask: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  /** The rank plus one; 0 in a free place. */
  readonly #rank: Int32Array;

  /**
   * @param merges pairs of tokens in the order of their ranks, each as `a b` or as a list of two
   * @param options.prefix the prefix of tokens within a word, which merges drop from their second token
   * @throws DiffusionError `invalid-file` if a merge is not a pair of tokens whose join is a token
   */
  constructor(
    merges: readonly unknown[],
    options: { readonly idOf: ReadonlyMap<string, number>; readonly prefix: string; readonly name: string },
  ) {
    const { idOf, prefix, name } = options;
    const size = 2 ** Math.ceil(Math.log2(2 * merges.length + 2));
    this.#mask = size - 1;
    this.#merged = new Int32Array(merges.length);
    this.#left = new Int32Array(size);
    this.#right = new Int32Array(size);
    this.#rank = new Int32Array(size);
    for (const [rank, merge] of merges.entries()) {
      const pair: readonly unknown[] =
        typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : [];
      const [a, b] = pair;
      const known = typeof a === "string" && typeof b === "string" && pair.length === 2;
      const left = known ? idOf.get(a) : undefined;
      const right = known ? idOf.get(b) : undefined;
      const merged = known ? idOf.get(a + (b.startsWith(prefix) ? b.slice(prefix.length) : b)) : undefined;
      if (left === undefined || right === undefined || merged === undefined) {
        throw new DiffusionError(
          "invalid-file",
          `Cannot read '${name}' as merge ${rank} must join two tokens to a third: found ${found(merge)}`,
        );
      }
      this.#merged[rank] = merged;
      const place = this.#place(left, right);
      this.#left[place] = left;
      this.#right[place] = right;
      this.#rank[place] = rank + 1;
    }
  }

  /** The rank of the merge of two tokens; the lowest rank is merged first. -1 if there is no such merge. */
  rankOf(left: number, right: number): number {
    return this.#rank[this.#place(left, right)]! - 1;
  }

  /** The token that results from the merge of a rank. */
  merged(rank: number): number {
    return this.#merged[rank]!;
  }

  /** The place of a pair, or the free place for it. */
  #place(left: number, right: number): number {
    let place = Math.imul(left ^ Math.imul(right, 0x9e3779b1), 0x85ebca6b);
    place = (place ^ (place >>> 15)) & this.#mask;
    while (this.#rank[place] !== 0 && !(this.#left[place] === left && this.#right[place] === right)) {
      place = (place + 1) & this.#mask;
    }
    return place;
  }
}
