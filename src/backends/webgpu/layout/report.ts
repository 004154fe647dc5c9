/**
 * What the device reports of a submission. Each row has a part: a copy of its state, an entry for each position of its
 * block (what was committed there, and in which step), and for decoders that edit a list of edits for each step.
 * shaders/include/commit.wgsl writes it.
 */
import type { DeviceReport, TokenLogprobs } from "../../../core/tensor/index.ts";
import {
  constants,
  reportEditLayout as editLayout,
  reportEntryLayout as entryLayout,
  floatsOf,
  rowStateLayout as stateLayout,
} from "../../layout/index.ts";
import type { LoopRow } from "../singleBlockLoop.ts";

export interface RowPlace {
  /** The word at which the row's part begins, and its words. */
  readonly at: number;
  readonly words: number;
}

/**
 * Places the rows' parts one behind the other.
 * @param edits by row: whether its decoder edits
 */
export function reportPlaces(
  rows: readonly LoopRow[],
  steps: number,
  edits: readonly boolean[],
): readonly RowPlace[] {
  let at = 0;
  return rows.map(({ start, end }, index) => {
    const length = end - start;
    const words =
      stateLayout.words + length * (entryLayout.words + (edits[index] ? editLayout.words * steps : 0));
    const place = { at, words };
    at += words;
    return place;
  });
}

/** Maximum words of a report of this many rows, whose blocks have this many positions in all. */
export function reportWords(positions: number, rows: number, steps: number): number {
  return rows * stateLayout.words + positions * (entryLayout.words + editLayout.words * steps);
}

interface Written {
  readonly positions: number[];
  readonly tokens: number[];
  readonly confidences: number[];
  readonly logprobs?: TokenLogprobs[];
}

export interface ReportOptions {
  /** Index of the first step that decided for the row; later ones did too. */
  readonly first: number;
  /** Whether the row's decoder edits. */
  readonly edits: boolean;
  /** Log-probabilities of the token that a step wrote to an offset, where the row has them. */
  readonly logprobs?: ((step: number, offset: number) => TokenLogprobs) | undefined;
}

export function readReport(
  words: Uint32Array,
  { at }: RowPlace,
  row: LoopRow,
  { first, edits, logprobs }: ReportOptions,
): DeviceReport {
  const nothing = (): Written => {
    return { positions: [], tokens: [], confidences: [], ...(logprobs && { logprobs: [] }) };
  };
  const floats = floatsOf(words);
  const length = row.end - row.start;
  const steps = Array.from({ length: words[at + stateLayout.field.stepsTaken]! }, () => ({
    commits: nothing(),
    edits: nothing(),
  }));
  const put = (to: Written, step: number, offset: number, token: number, confidence: number) => {
    to.positions.push(row.start + offset);
    to.tokens.push(token);
    to.confidences.push(confidence);
    if (logprobs) to.logprobs!.push(logprobs(step, offset));
  };
  const entriesAt = at + stateLayout.words;
  for (let offset = 0; offset < length; offset++) {
    const entry = entriesAt + entryLayout.words * offset;
    const { field } = entryLayout;
    const token = words[entry + field.token]!;
    if (token === constants.none) continue;
    const step = words[entry + field.stepIndex]!;
    put(steps[step - first]!.commits, step, offset, token, floats[entry + field.confidence]!);
  }
  const editsAt = entriesAt + entryLayout.words * length;
  steps.forEach((step, index) => {
    for (let offset = 0; edits && offset < length; offset++) {
      const edit = editsAt + editLayout.words * ((first + index) * length + offset);
      const token = words[edit + editLayout.field.token]!;
      if (token === constants.none) continue;
      put(step.edits, first + index, offset, token, floats[edit + editLayout.field.confidence]!);
    }
  });
  const invalid = words[at + stateLayout.field.invalidPosition]!;
  return { steps, invalid: invalid === constants.none ? undefined : invalid };
}
