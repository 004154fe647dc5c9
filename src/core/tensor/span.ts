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
}

/** The number of keys that a query at `position` sees: those of the positions [0, visibleKeys). */
export function visibleKeys(span: Omit<Span, "slot">, position: number): number {
  if (span.maskBlock === Infinity) return span.visible;
  const block = Math.floor((position - span.origin) / span.maskBlock);
  return Math.max(0, Math.min(span.visible, span.origin + (block + 1) * span.maskBlock));
}
