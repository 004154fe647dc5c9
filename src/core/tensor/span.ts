/**
 * A span is a range of positions of one sequence that a forward pass computes, with its attention mask in three numbers. Every
 * kind of pass (prefill, denoising step, refresh, commit, extension) is a list of spans.
 */

/** Identifies a sequence on the backend: its tokens and its range of the K/V pool. */
export type SlotId = number;

export interface Span {
  readonly slot: SlotId;
  /** The computed positions [start, end): their queries, and their keys and values, which are written in place. */
  readonly start: number;
  readonly end: number;
  /** The span sees the keys [0, visible) at most. */
  readonly visible: number;
  /**
   * Width of the blocks of a block-causal mask: a query sees its own block and all blocks before it. Infinity is a
   * bidirectional mask, 1 a causal one.
   */
  readonly maskBlock: number;
  /** A position at which a block of the mask starts. */
  readonly origin: number;
  /**
   * Makes the span a shadow: its positions lie behind the sequence and stand for those of [shadowOf, shadowOf + end - start), their
   * twins. A shadow's position is rotated as its twin is, and sees every visible key except that of its twin. Spans of the
   * sequence see no shadow, as their `visible` ends before it. A shadow has no mask blocks.
   */
  readonly shadowOf?: number;
}

/** The distance from the positions of a shadow to their twins; 0 for other spans. */
export function twinDistance({ start, shadowOf = start }: Pick<Span, "start" | "shadowOf">): number {
  return start - shadowOf;
}

/** The key that a query does not see although it is visible: that of its twin. -1 for none. */
export function hiddenKey(span: Pick<Span, "start" | "shadowOf">, position: number): number {
  return span.shadowOf === undefined ? -1 : position - twinDistance(span);
}

/** The number of keys that a query at `position` sees: those of the positions [0, visibleKeys). */
export function visibleKeys(span: Omit<Span, "slot">, position: number): number {
  if (span.maskBlock === Infinity) return span.visible;
  const block = Math.floor((position - span.origin) / span.maskBlock);
  return Math.max(0, Math.min(span.visible, span.origin + (block + 1) * span.maskBlock));
}
