/**
 * A span is the unit of every forward pass: prefill, denoising step, refresh, commit and extension are all
 * lists of spans, and nothing but a span's few numbers is a mask.
 */
export type SlotId = number;

export interface Span {
  /** The sequence: its tokens, its part of the K/V pool. */
  readonly slot: SlotId;
  /** The positions computed: queries, and keys and values written in place for exactly these. */
  readonly start: number;
  readonly end: number;
  /** Keys [0, visible) exist for this span. */
  readonly visible: number;
  /**
   * Width of the blocks of the block-causal mask: a query sees its own block and all before it.
   * Infinity is bidirectional, 1 is causal.
   */
  readonly maskBlock: number;
  /** A line of the mask's grid. */
  readonly origin: number;
}

/** How many keys, counted from position 0, a query at `position` sees. */
export function visibleKeys(span: Omit<Span, "slot">, position: number): number {
  if (span.maskBlock === Infinity) return span.visible;
  const block = Math.floor((position - span.origin) / span.maskBlock);
  return Math.max(0, Math.min(span.visible, span.origin + (block + 1) * span.maskBlock));
}
