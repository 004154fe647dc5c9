/**
 * Several steps at once, with the decoders on the device: what they are, and what the sequences make of what came of
 * them. No submission reaches beyond a block: what follows one depends on its text.
 */
import { type SequencePass, StepCommits, type StepOutcome } from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import type {
  DeviceCommits,
  DeviceDecision,
  DeviceReport,
  DeviceRow,
  DeviceStep,
  HeadRequest,
  Span,
} from "../../tensor/index.ts";
import type { Row } from "./planPass.ts";

export interface SubmittedRow extends Row {
  readonly passes: readonly SequencePass[];
}
export interface Submission {
  readonly rows: readonly SubmittedRow[];
  readonly steps: readonly DeviceStep[];
  readonly deviceRows: readonly DeviceRow[];
}

/** Tokens that a step is expected to commit, before a sequence has shown how many it does. */
const expectedTokens = 8;

/** How many steps the row's block will take, by how the sequence has gone so far; at most `most`, and its budget. */
function stepsFor({ task: { sequence } }: Row, most: number): number {
  const { masked, sequenceStep } = sequence.block;
  const aStep = sequenceStep > 0 ? sequence.committed / sequenceStep : expectedTokens;
  const expected = Math.min(Math.max(Math.ceil(masked / aStep), 1), sequence.forwardsLeft, most);
  return sequence.stepsBeforeIdle(expected);
}

/** So many steps that none of the rows waits long for the others. */
export function countSteps(rows: readonly Row[], most: number): number {
  return Math.min(...rows.map((row) => stepsFor(row, most)));
}

/** So many steps of these rows. */
export function planSubmission(active: readonly Row[], count: number): Submission {
  const rows = active.map((row) => ({ ...row, passes: row.task.sequence.lookAhead(count) }));
  const steps = Array.from({ length: count }, (_, step) => deviceStep(rows, step));
  return { rows, steps, deviceRows: rows.map(deviceRow) };
}

function deviceStep(rows: readonly SubmittedRow[], step: number): DeviceStep {
  const spans: Span[] = [];
  const head: HeadRequest[] = [];
  const decisions: DeviceDecision[] = [];
  rows.forEach(({ task, slots, passes }, row) => {
    const pass = passes[step]!;
    const span = spans.length;
    for (const slot of slots) spans.push({ ...pass.span, slot });
    if (!pass.head) return;
    const { guidance, sequence } = task;
    const { parameters, weight } = sequence.parametersAt(pass);
    head.push({
      ...pass.head,
      span,
      ...(guidance && { guidance: { span: span + 1, scale: guidance.scale } }),
    });
    decisions.push({
      row,
      parameters,
      ...(sequence.options.smoothing ? { softEmbeddingWeight: weight } : {}),
    });
  });
  return { spans, head, decisions };
}

function deviceRow({ task: { sequence }, slots }: Row): DeviceRow {
  const { maskToken, decoder } = sequence.options;
  return { slots, maskToken, decoder: decoder.declaration.name, ...sequence.block };
}

/**
 * The outcomes of a row's steps that had an effect, one by one: the sequence goes on with each that is taken.
 * @throws DiffusionError `numeric` if the model computed no finite logits
 */
export function* outcomesOf(row: SubmittedRow, report: DeviceReport): Generator<StepOutcome> {
  const { sequence } = row.task;
  const { start } = sequence.block;
  let taken = 0;
  for (const { head } of row.passes) {
    const decided = head ? report.steps[taken++] : undefined;
    if (head && !decided) break;
    sequence.next();
    yield sequence.applyDeviceResult(decided && commitsOf(decided.commits, decided.edits, start));
  }
  if (report.invalid === undefined) return;
  const message = `Cannot decode position ${report.invalid} as the model computed no finite logits for it`;
  throw new DiffusionError("numeric", message);
}

function commitsOf(commits: DeviceCommits, edits: DeviceCommits, start: number): StepCommits {
  const decided = new StepCommits(new Float32Array(0));
  decided.commits.logprobs = commits.logprobs;
  decided.edits.logprobs = edits.logprobs;
  commits.positions.forEach((position, index) => {
    decided.commit(position - start, commits.tokens[index]!, commits.confidences[index]!);
  });
  edits.positions.forEach((position, index) => {
    decided.edit(position - start, edits.tokens[index]!, edits.confidences[index]!);
  });
  return decided;
}
