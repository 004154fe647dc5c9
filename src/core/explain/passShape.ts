/** The size of a pass whose cost is to be explained. */
import type { EnginePlan } from "../engine/index.ts";
import type { Span } from "../tensor/index.ts";

/** The spans that a pass computes and the number of rows whose statistics it returns. */
export interface PassShape {
  readonly spans: readonly Span[];
  readonly rows: number;
}

export interface SequenceCounts {
  /** Positions that the pass computes. */
  readonly tokens: number;
  /** Positions of the sequence. */
  readonly context: number;
  /** Positions whose statistics the pass returns. */
  readonly rows: number;
}

/** A pass over the last `tokens` positions of one sequence of `context` positions. */
export function sequencePass(
  plan: Pick<EnginePlan, "model">,
  { tokens, context, rows }: SequenceCounts,
): PassShape {
  return { spans: [spanOf(plan, context - tokens, context)], rows };
}

/** The largest pass that fits the capacity: sequences of `context` positions, the last one shorter if need be. */
export function fullPass(plan: Pick<EnginePlan, "model" | "capacity">, context: number): PassShape {
  const { tokens, rows } = plan.capacity;
  const spans: Span[] = [];
  for (let start = 0; start < tokens; start += context) {
    spans.push(spanOf(plan, 0, Math.min(context, tokens - start)));
  }
  return { spans, rows };
}

function spanOf({ model }: Pick<EnginePlan, "model">, start: number, end: number): Span {
  return { slot: 0, start, end, visible: end, maskBlock: model.maskBlock, origin: 0 };
}
