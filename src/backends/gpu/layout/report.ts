/**
 * What the device reports of a submission: the state of each row, and the tokens that the row wrote. Each row has a part of
 * the report for these. shaders/include/commit.wgsl writes both.
 */
import type { DeviceReport, DeviceRow, TokenLogprobs } from "../../../core/tensor/index.ts";
import {
  constants,
  reportEntryLayout as entryLayout,
  floatsOf,
  rowStateLayout as stateLayout,
} from "../../layout/index.ts";

type Blocks = Pick<DeviceRow, "blocks">;

/** The longest of a row's blocks. */
export function longestBlock({ blocks }: Blocks): number {
  return Math.max(...blocks.map(({ start, end }) => end - start));
}

/**
 * Words of a row's part: a position is committed once, and edited in any step.
 * @param edits whether the row's decoder edits
 */
export function reportWords(row: Blocks, steps: number, edits: boolean): number {
  const inSteps = steps * longestBlock(row);
  const inBlocks = row.blocks.reduce((sum, { start, end }) => sum + end - start, 0);
  return entryLayout.words * (edits ? inSteps : Math.min(inSteps, inBlocks));
}

/** Maximum words of a report of rows whose blocks have this many positions in all. */
export function maxReportWords(positions: number, steps: number): number {
  return entryLayout.words * positions * steps;
}

/** What a report consists of, as words. */
export interface ReportWords {
  /** The row states. */
  readonly states: Uint32Array;
  /** The rows' parts. */
  readonly entries: Uint32Array;
}

export interface ReportOptions {
  /** Index of the row's state. */
  readonly state: number;
  /** The word at which the row's part begins. */
  readonly at: number;
  /** Log-probabilities of the token that a step wrote to a position, where the row has them. */
  readonly logprobs?: ((step: number, position: number) => TokenLogprobs) | undefined;
}

interface Entry {
  readonly step: number;
  readonly position: number;
  /** Whether the token replaces one that was decided before. */
  readonly isEdit: boolean;
  readonly token: number;
  readonly confidence: number;
}

/** The steps of a row. */
export function readReport(
  { states, entries }: ReportWords,
  { state, at, logprobs }: ReportOptions,
): DeviceReport {
  const own = (field: keyof typeof stateLayout.field) =>
    states[state * stateLayout.words + stateLayout.field[field]]!;
  const written = readEntries(entries, at, own("entryCount"));
  const select = (step: number, isEdit: boolean) => {
    const chosen = written.filter((each) => each.step === step && each.isEdit === isEdit);
    const positions = chosen.map(({ position }) => position);
    return {
      positions,
      tokens: chosen.map(({ token }) => token),
      confidences: chosen.map(({ confidence }) => confidence),
      ...(logprobs && { logprobs: positions.map((position) => logprobs(step, position)) }),
    };
  };
  const steps = Array.from({ length: own("stepsTaken") }, (_, step) => {
    return { commits: select(step, false), edits: select(step, true) };
  });
  const invalid = own("invalidPosition");
  return { steps, invalid: invalid === constants.none ? undefined : invalid };
}

/** By position; the device writes them in any order. */
function readEntries(words: Uint32Array, at: number, count: number): readonly Entry[] {
  const floats = floatsOf(words);
  const { field } = entryLayout;
  const entries = Array.from({ length: count }, (_, index): Entry => {
    const entry = at + entryLayout.words * index;
    return {
      step: words[entry + field.stepIndex]!,
      position: words[entry + field.position]!,
      isEdit: words[entry + field.verdict] === constants.verdict.edit,
      token: words[entry + field.token]!,
      confidence: floats[entry + field.confidence]!,
    };
  });
  return entries.sort((a, b) => a.position - b.position);
}
