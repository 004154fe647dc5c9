/**
 * Log-probabilities of the tokens that the device writes: for each row a list for each step of a submission and each
 * position of the block that the row is in. shaders/writeLogprobs.wgsl writes them.
 */
import { type DeviceRow, maxTopTokens, type TokenLogprobs } from "../../../core/tensor/index.ts";
import { constants, floatsOf, logprobEntryLayout, logprobListLayout } from "../../layout/index.ts";
import { maxSpans } from "./limits.ts";
import { longestBlock } from "./report.ts";

const maxBytes = 16 * 2 ** 20;

/** Bytes of the buffer, where blocks have this many positions in all. Above a bound, each row gets an equal part. */
export function logprobBytes(positions: number, steps: number): number {
  return Math.min(maxBytes, 4 * logprobWords(positions, steps, maxTopTokens));
}

/** Whether a row with such a block fits its part of the buffer, whatever the other rows of a submission have. */
export function fitsLogprobs(blockLength: number, steps: number, top: number): boolean {
  return 4 * logprobWords(blockLength, steps, top) <= maxBytes / maxSpans;
}

/** Words of a row's part. */
export function logprobWords(blockLength: number, steps: number, top: number): number {
  return steps * blockLength * listWords(top);
}

function listWords(top: number): number {
  return logprobListLayout.words + top * logprobEntryLayout.words;
}

/** Where a row's part lies. */
export interface LogprobPlace {
  /** The word at which it begins. */
  readonly at: number;
  /** Of the row's longest block. */
  readonly blockLength: number;
  /** Best tokens of a list. */
  readonly top: number;
}

export interface LogprobPlaces {
  /** By row; undefined for a row without a part. */
  readonly places: readonly (LogprobPlace | undefined)[];
  readonly words: number;
}

/**
 * Places the rows' parts one behind the other. All passes of a row want the same number of best tokens; a row that wants
 * none has no part.
 */
export function placeLogprobs(rows: readonly Pick<DeviceRow, "blocks">[], steps: number): LogprobPlaces {
  let words = 0;
  const places = rows.map((row): LogprobPlace | undefined => {
    const { top } = row.blocks[0]!.passes[0]!.head;
    if (top === undefined) return undefined;
    const place = { at: words, blockLength: longestBlock(row), top };
    words += logprobWords(place.blockLength, steps, top);
    return place;
  });
  return { places, words };
}

/** The log-probabilities of the token that a step of the row wrote to a position. */
export function readLogprobs(
  words: Uint32Array,
  { at, blockLength, top }: LogprobPlace,
  step: number,
  position: number,
  { blocks }: Pick<DeviceRow, "blocks">,
): TokenLogprobs {
  const floats = floatsOf(words);
  const { start } = blocks.find((block) => position >= block.start && position < block.end)!;
  const list = at + (step * blockLength + position - start) * listWords(top);
  const entries = Array.from({ length: top }, (_, rank) => {
    const entry = list + logprobListLayout.words + rank * logprobEntryLayout.words;
    return {
      token: words[entry + logprobEntryLayout.field.token]!,
      logprob: floats[entry + logprobEntryLayout.field.logprob]!,
    };
  });
  return {
    logprob: floats[list + logprobListLayout.field.logprob]!,
    top: entries.filter(({ token }) => token !== constants.none),
  };
}
