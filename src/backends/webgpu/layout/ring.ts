/**
 * Log-probabilities of what the device commits: in each step of a submission an entry a position of a row's block, one
 * row behind the other. shaders/keepCandidates.wgsl is the other side.
 */
import { maxTopTokens, type TokenLogprobs } from "../../../core/tensor/index.ts";
import type { LoopRow } from "../singleBlockLoop.ts";
import { candidateWords, maxSpans, none } from "./descriptor.ts";

const mostBytes = 16 * 2 ** 20;

/** Bytes of a ring for blocks of so many positions in all; beyond a bound each row has a share of it. */
export function ringBytes(positions: number, steps: number): number {
  return Math.min(mostBytes, 4 * ringWords(positions, steps, maxTopTokens));
}

/** Whether a row with such a block has room in the ring, whatever the other rows of a submission have. */
export function fitsRing(blockLength: number, steps: number, top: number): boolean {
  return 4 * ringWords(blockLength, steps, top) <= mostBytes / maxSpans;
}

/** Words of a row's part. */
export function ringWords(length: number, steps: number, top: number): number {
  return steps * length * candidateWords(top);
}

/** Where a row's part of the ring lies. */
export interface RingPlace {
  readonly at: number;
  /** Positions of its block. */
  readonly length: number;
  /** The best tokens of each entry. */
  readonly top: number;
}

export interface Ring {
  /** By row. */
  readonly places: readonly (RingPlace | undefined)[];
  readonly words: number;
}

/**
 * The rows' parts of the ring, and its words in use.
 * @param tops by row: the best tokens of each entry; undefined if the row has no part
 */
export function ringPlaces(
  rows: readonly LoopRow[],
  steps: number,
  tops: readonly (number | undefined)[],
): Ring {
  let words = 0;
  const places = rows.map(({ start, end }, row): RingPlace | undefined => {
    const top = tops[row];
    if (top === undefined) return undefined;
    const place = { at: words, length: end - start, top };
    words += ringWords(place.length, steps, top);
    return place;
  });
  return { places, words };
}

/** What is said of the token that step `step` of the submission wrote to an offset of the block. */
export function readRing(words: Uint32Array, place: RingPlace, step: number, offset: number): TokenLogprobs {
  const { at, length, top } = place;
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const own = at + (step * length + offset) * candidateWords(top);
  const entries = Array.from({ length: top }, (_, rank) => own + 1 + 2 * rank);
  return {
    logprob: floats[own]!,
    top: entries
      .filter((entry) => words[entry] !== none)
      .map((entry) => ({ token: words[entry]!, logprob: floats[entry + 1]! })),
  };
}
