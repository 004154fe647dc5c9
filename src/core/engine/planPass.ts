/** Which sequences take part in the next pass, and the pass as a backend takes it. */
import type { SequencePass } from "../diffusion/index.ts";
import type { HeadRequest, Span, Step } from "../tensor/index.ts";
import type { Place } from "./slots.ts";
import type { Task } from "./task.ts";

/** A task that has its place: slots of its sequence, and with guidance of the one without its prompt. */
export interface Row extends Place {
  readonly task: Task;
  /** Whether its decoder runs on the device. */
  readonly onDevice: boolean;
}
/** What one pass may hold. */
export interface PassLimits {
  readonly tokens: number;
  readonly spans: number;
}
export interface PlannedRow extends Row {
  readonly pass: SequencePass;
  /** Index of its head request, if it has one. */
  readonly request: number | undefined;
}
export interface PlannedPass extends Step {
  readonly rows: readonly PlannedRow[];
}

/** The spans that fit, in the order of the rows. A sequence whose span does not fit waits for the next pass. */
export function planPass(active: readonly Row[], limits: PassLimits): PlannedPass {
  const rows: PlannedRow[] = [];
  const spans: Span[] = [];
  const head: HeadRequest[] = [];
  let tokens = 0;
  for (const row of active) {
    const pass = row.task.sequence.next();
    const { guidance } = row.task;
    const size = (pass.span.end - pass.span.start) * row.slots.length;
    if (tokens + size > limits.tokens || spans.length + row.slots.length > limits.spans) break;
    tokens += size;
    const request = pass.head ? head.length : undefined;
    const span = spans.length;
    const guided = guidance && { guidance: { span: span + 1, scale: guidance.scale } };
    if (pass.head) head.push({ ...pass.head, span, ...guided });
    for (const slot of row.slots) spans.push({ ...pass.span, slot });
    rows.push({ ...row, pass, request });
  }
  return { rows, spans, head };
}
