/**
 * The device loop as this backend carries it out so far: one submission at a time, which does not reach beyond a row's
 * current block. The host says where each row is in every submission.
 */

import { bug } from "../../core/error.ts";
import type {
  DeviceLoop,
  DeviceReport,
  DeviceRow,
  DeviceSubmission,
  DeviceTicket,
  ForwardPass,
  HeadRequest,
  SlotId,
  Span,
} from "../../core/tensor/index.ts";

/** One pass of a submission, and for each of its head requests how the device decides. */
export interface LoopStep extends ForwardPass {
  readonly decisions: readonly LoopDecision[];
}
export interface LoopDecision {
  /** Index of the row in the submission. */
  readonly row: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly softEmbeddingWeight?: number | undefined;
}

/** Where a row is when a submission begins. */
export interface LoopRow {
  readonly slots: readonly SlotId[];
  readonly maskToken: number;
  readonly decoder: string;
  /** The block: where the decoder may act. */
  readonly start: number;
  readonly end: number;
  /** Decode steps of the block, and of the sequence, so far. */
  readonly step: number;
  readonly sequenceStep: number;
  readonly openAtStart: number;
  readonly editable: readonly number[];
}

/** Runs the steps one after the other. A row has one decision a step at most. */
export type RunSteps = (
  steps: readonly LoopStep[],
  rows: readonly LoopRow[],
) => Promise<readonly DeviceReport[]>;

export interface SingleBlockLoopOptions extends Pick<DeviceLoop, "decides" | "maxPasses"> {
  readonly run: RunSteps;
}

export class SingleBlockLoop implements DeviceLoop {
  readonly preferred = true;
  readonly maxSubmissions = 1;
  readonly maxBlocks = 1;
  readonly maxPasses: number;
  readonly decides: DeviceLoop["decides"];
  readonly #run: RunSteps;
  readonly #reports = new Map<DeviceTicket, Promise<readonly DeviceReport[]>>();
  #tickets = 0;

  constructor({ decides, maxPasses, run }: SingleBlockLoopOptions) {
    this.decides = decides;
    this.maxPasses = maxPasses;
    this.#run = run;
  }

  async submit({ passes, rows }: DeviceSubmission): Promise<DeviceTicket> {
    const steps = Array.from({ length: passes }, (_, step) => loopStep(rows, step));
    const report = this.#run(steps, rows.map(loopRow));
    // A failure is the report's, which is awaited later.
    report.catch(() => {});
    this.#reports.set(++this.#tickets, report);
    return this.#tickets;
  }

  report(ticket: DeviceTicket): Promise<readonly DeviceReport[]> {
    const report = this.#reports.get(ticket);
    if (!report)
      throw bug(`The report of submission ${ticket} was taken before, or the submission does not exist`);
    this.#reports.delete(ticket);
    return report;
  }
}

function loopRow({ slots, maskToken, decoder, entry, blocks }: DeviceRow): LoopRow {
  const { start, end, openAtStart, editable } = blocks[0]!;
  const { step, sequenceStep } = requireEntry(entry);
  return {
    slots,
    maskToken,
    decoder,
    start,
    end,
    step,
    sequenceStep,
    openAtStart,
    editable,
  };
}

/** Pass `index` of the rows that may make it. */
function loopStep(rows: readonly DeviceRow[], index: number): LoopStep {
  const spans: Span[] = [];
  const head: HeadRequest[] = [];
  const decisions: LoopDecision[] = [];
  rows.forEach(({ slots, guidanceScale, entry, blocks, passLimit }, row) => {
    const { step, sequenceStep, passes } = requireEntry(entry);
    const { firstStep, passes: ofBlock, stepLimit } = blocks[0]!;
    if (step + index >= stepLimit || passes + index >= passLimit) return;
    const pass = ofBlock[Math.min(step + index - firstStep, ofBlock.length - 1)]!;
    const span = spans.length;
    for (const slot of slots) spans.push({ ...pass.span, slot });
    head.push({
      ...pass.head,
      span,
      step: sequenceStep + index,
      guidance: guidanceScale === undefined ? undefined : { span: span + 1, scale: guidanceScale },
    });
    const { parameters, softEmbeddingWeight } = pass;
    decisions.push({ row, parameters, softEmbeddingWeight });
  });
  return { spans, head, decisions };
}

function requireEntry(entry: DeviceRow["entry"]): NonNullable<DeviceRow["entry"]> {
  if (!entry) throw bug("A row of a device that has one submission at a time must say where the row is");
  return entry;
}
