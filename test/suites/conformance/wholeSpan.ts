import type { Span } from "../../../src/core/tensor/index.ts";

/** The span of the first `end` positions of a slot, each of which sees all the others. */
export function wholeSpan(slot: number, end: number): Span {
  return { slot, start: 0, end, visible: end, maskBlock: Infinity, origin: 0 };
}
