/** A pass over the next spans of some rows, as a backend takes it. */
import type { SequencePass } from "../../diffusion/index.ts";
import type { ForwardPass, HeadRequest, SlotId, Span } from "../../tensor/index.ts";
import type { BatchCost } from "./schedule.ts";
import type { Task } from "./task.ts";

/** A task that has slots. */
export interface Row {
  readonly task: Task;
  /** The slot of its sequence, and with guidance that of the sequence without the prompt. */
  readonly slots: readonly SlotId[];
  /** Positions of each slot: the length of the sequence when the slots were opened. */
  readonly length: number;
  /** Whether its decoder runs on the device. */
  readonly onDevice: boolean;
}
export interface PlannedRow extends Row {
  readonly pass: SequencePass;
  /** Index of its head request, if it has one. */
  readonly request: number | undefined;
}
export interface PlannedPass extends ForwardPass {
  readonly rows: readonly PlannedRow[];
}

/** Counts passes that were made: how many, the rows in all of them together, and the ms of all. */
export type CountPasses = (passes: number, rowPasses: number, ms: number) => void;

/** What a row's next pass takes of a batch. */
export function hostCostOf({ task, slots }: Row): BatchCost {
  const { span, prefill } = task.sequence.next();
  return { tokens: (span.end - span.start) * slots.length, spans: slots.length, prefill };
}

/** One pass over the next spans of these rows. */
export function planPass(rows: readonly Row[]): PlannedPass {
  const spans: Span[] = [];
  const head: HeadRequest[] = [];
  const planned = rows.map((row) => {
    const pass = row.task.sequence.next();
    const request = pass.head ? head.length : undefined;
    const span = spans.length;
    const scale = row.task.guidance?.scale;
    const guidance = scale === undefined ? undefined : { span: span + 1, scale };
    if (pass.head) head.push({ ...pass.head, span, guidance });
    const { start, end, visible, maskBlock, origin } = pass.span;
    for (const slot of row.slots) spans.push({ slot, start, end, visible, maskBlock, origin });
    const { task, slots, length, onDevice } = row;
    return { task, slots, length, onDevice, pass, request };
  });
  return { rows: planned, spans, head };
}
