/** A pass over the next spans of some rows, as a backend takes it. */
import type { SequencePass } from "../../diffusion/index.ts";
import type { ForwardPass, HeadRequest, SlotChange, SlotId, Span } from "../../tensor/index.ts";
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
  /** Index of its head request, if it has one, and of those of its twins. */
  readonly request: number | undefined;
  readonly twinRequests: readonly number[];
}
export interface PlannedPass extends ForwardPass {
  readonly rows: readonly PlannedRow[];
  /** The tokens of branches, to write before the pass. */
  readonly branchTokens: readonly SlotChange[];
}

/** Counts passes that were made: how many, the rows in all of them together, and the ms of all. */
export type CountPasses = (passes: number, rowPasses: number, ms: number) => void;

/** What a row's next pass takes of a batch. */
export function hostCostOf({ task, slots }: Row): BatchCost {
  const { span, twins = [], prefill } = task.sequence.next();
  const spans = [span, ...twins.map((twin) => twin.span)];
  const tokens = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  return { tokens: tokens * slots.length, spans: spans.length * slots.length, prefill };
}

/** One pass over the next spans of these rows. */
export function planPass(rows: readonly Row[]): PlannedPass {
  const spans: Span[] = [];
  const head: HeadRequest[] = [];
  const branchTokens: SlotChange[] = [];
  /** Adds a span in each slot of a row, and returns the index of its head request. */
  const add = ({ task, slots }: Row, own: Pick<SequencePass, "span" | "head">): number | undefined => {
    const request = own.head ? head.length : undefined;
    const span = spans.length;
    const scale = task.guidance?.scale;
    const guidance = scale === undefined ? undefined : { span: span + 1, scale };
    if (own.head) head.push({ ...own.head, span, guidance });
    for (const slot of slots) spans.push({ ...own.span, slot });
    return request;
  };
  const planned = rows.map((row) => {
    const pass = row.task.sequence.next();
    const request = add(row, pass);
    const { task, slots, length, onDevice } = row;
    const twinRequests = (pass.twins ?? []).map((twin) => {
      if (twin.tokens) branchTokens.push(...writesOf(row, twin.span, twin.tokens));
      return add(row, twin)!;
    });
    return { task, slots, length, onDevice, pass, request, twinRequests };
  });
  return { rows: planned, spans, head, branchTokens };
}

/** The writes of a branch's tokens to each slot of a row. */
function writesOf(
  { task, slots }: Row,
  { start, end, branchOf = start }: Omit<Span, "slot">,
  tokens: readonly number[],
): readonly SlotChange[] {
  const positions = Array.from({ length: end - start }, (_, index) => start + index);
  return slots.map((slot, index) => ({ slot, positions, tokens: task.slotTokens(index, tokens, branchOf) }));
}
