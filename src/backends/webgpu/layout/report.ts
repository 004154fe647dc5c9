/**
 * What the device reports of a submission: a header a row (the row's state), an entry for each position of its block
 * (what was committed there, and in which step), and for decoders that edit a list a step. shaders/include/commit.wgsl
 * is the other side.
 */
import type { DeviceReport, TokenLogprobs } from "../../../core/tensor/index.ts";
import type { LoopRow } from "../singleBlockLoop.ts";
import { none } from "./descriptor.ts";

const headerWords = 16;
const entryWords = 4;
const editWords = 2;
/** Words of a header: steps that had an effect; whether a position had no finite logits, and which. */
const takenWord = 5;
const invalidWord = 6;
/** An entry's mark holds the submission and the step: so many steps have room. */
export const markSteps = 64;

export interface RowPlace {
  /** Word where the row's part begins, and how many words it has. */
  readonly at: number;
  readonly words: number;
}

/** Where the rows' parts lie, one behind the other. */
export function reportPlaces(
  rows: readonly LoopRow[],
  steps: number,
  edits: (row: LoopRow) => boolean,
): readonly RowPlace[] {
  let at = 0;
  return rows.map((row) => {
    const length = row.end - row.start;
    const words = headerWords + length * (entryWords + (edits(row) ? editWords * steps : 0));
    const place = { at, words };
    at += words;
    return place;
  });
}

/** The most words of a report over so many positions in so many rows. */
export function reportWords(positions: number, rows: number, steps: number): number {
  return rows * headerWords + positions * (entryWords + editWords * steps);
}

interface Decided {
  readonly positions: number[];
  readonly tokens: number[];
  readonly confidences: number[];
  readonly logprobs?: TokenLogprobs[];
}

export interface ReportOptions {
  readonly epoch: number;
  /** Index of the first step in which the row had something to decide; it did so in those after it too. */
  readonly first: number;
  /** Whether its decoder edits. */
  readonly edits: boolean;
  /** What is said of the token that a step of the submission wrote to an offset, if anything is. */
  readonly logprobs?: ((step: number, offset: number) => TokenLogprobs) | undefined;
}

export function readReport(
  words: Uint32Array,
  { at }: RowPlace,
  row: LoopRow,
  { epoch, first, edits, logprobs }: ReportOptions,
): DeviceReport {
  const nothing = (): Decided => {
    return { positions: [], tokens: [], confidences: [], ...(logprobs && { logprobs: [] }) };
  };
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const length = row.end - row.start;
  const steps = Array.from({ length: words[at + takenWord]! }, () => ({
    commits: nothing(),
    edits: nothing(),
  }));
  const put = (to: Decided, step: number, offset: number, word: number) => {
    to.positions.push(row.start + offset);
    to.tokens.push(words[word]!);
    to.confidences.push(floats[word + 1]!);
    if (logprobs) to.logprobs!.push(logprobs(step, offset));
  };
  for (let offset = 0; offset < length; offset++) {
    const entry = at + headerWords + entryWords * offset;
    const mark = words[entry + 2]!;
    if (Math.floor(mark / markSteps) !== epoch) continue;
    const step = mark % markSteps;
    put(steps[step - first]!.commits, step, offset, entry);
  }
  const ring = at + headerWords + entryWords * length;
  steps.forEach((step, index) => {
    for (let offset = 0; edits && offset < length; offset++) {
      const word = ring + editWords * ((first + index) * length + offset);
      if (words[word] !== none) put(step.edits, first + index, offset, word);
    }
  });
  return { steps, invalid: words[at + invalidWord] === 0 ? undefined : words[at + invalidWord + 1]! };
}
