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
  /**
   * Makes the span a branch: its positions lie behind the sequence too, and each sees what its twin would see if the tokens of the
   * branch stood in the sequence: keys before and behind the twins are those of the sequence, and the others the branch's own. So a
   * branch shares all keys and values that it does not compute, and its rows have the bits of a pass over such a sequence.
   */
  readonly branchOf?: number;
}

/** The span's first position in the sequence: that of the twins, if the span lies behind the sequence. */
export function firstPosition({ start, shadowOf, branchOf }: Twinned): number {
  return shadowOf ?? branchOf ?? start;
}

/** The distance from the positions of a shadow or a branch to their twins; 0 for other spans. */
export function twinDistance(span: Twinned): number {
  return span.start - firstPosition(span);
}

/** The key that a query does not see although it is visible: that of its twin. -1 for none. */
export function hiddenKey(span: Twinned, position: number): number {
  return span.shadowOf === undefined ? -1 : position - twinDistance(span);
}

/** The number of twins whose keys and values are the branch's own, `twinDistance` behind them; 0 for other spans. */
export function replacedKeys({ start, end, branchOf }: Pick<Span, "start" | "end" | "branchOf">): number {
  return branchOf === undefined ? 0 : end - start;
}

/** The number of keys that a query at `position` sees: those of the positions [0, visibleKeys). */
export function visibleKeys(span: Omit<Span, "slot">, position: number): number {
  if (span.maskBlock === Infinity) return span.visible;
  const block = Math.floor((position - twinDistance(span) - span.origin) / span.maskBlock);
  return Math.max(0, Math.min(span.visible, span.origin + (block + 1) * span.maskBlock));
}

type Twinned = Pick<Span, "start" | "shadowOf" | "branchOf">;
