/**
 * Branches as parts of a pass: each is the block with one more position committed, computed behind the sequence by the pass that computes
 * the block as it is. They share the keys and values outside the pass.
 */
import { maxBranches } from "./branches.ts";
import type { SequenceOptions } from "./options.ts";
import type { SequencePass, TwinPass } from "./outcome.ts";
import type { PassPlace } from "./pass.ts";

/** The room behind a sequence: for how many branches, and the positions of each, which are those of a pass that stays in a block. */
export function branchRoom({
  decoder,
  canvas,
  cache,
  shift,
}: Pick<SequenceOptions, "decoder" | "canvas" | "cache" | "shift">): {
  readonly count: number;
  readonly length: number;
} {
  const count = maxBranches(decoder);
  const { window } = cache.declaration;
  if (count === 0 || !window) return { count: 0, length: 0 };
  const { length } = canvas.tokens;
  const lengths = canvas.blocks.map(({ block }) => {
    const { start, end } = window({ ...block, length }, cache.parameters);
    return Math.min(length, end - start + shift);
  });
  return { count, length: Math.max(...lengths) };
}

/**
 * The branches that the last step proposed, as parts of the next pass: its span and its head request, moved behind the sequence. A pass
 * that is longer than the room of a branch, as one that refreshes a cache, has none.
 */
export function branchPasses(
  { span, head }: Pick<SequencePass, "span" | "head">,
  { options, tokens, block }: PassPlace,
): readonly TwinPass[] {
  if (!head || block.branches.length === 0) return [];
  const { length } = branchRoom(options);
  const width = span.end - span.start;
  if (width > length) return [];
  return block.branches.map(({ offset, token }, index) => {
    const start = tokens.length + index * length;
    const committed = block.start + offset;
    const own = tokens.slice(span.start, span.end);
    own[committed - span.start] = token;
    return {
      span: { ...span, start, end: start + width, branchOf: span.start },
      head: withoutPosition(head, committed),
      tokens: Array.from(own),
    };
  });
}

/** A head request without the row of a position. */
function withoutPosition(head: TwinPass["head"], position: number): TwinPass["head"] {
  const { positions, forbidden, gather } = head;
  const kept = [...positions.keys()].filter((row) => positions[row] !== position);
  const pick = <T>(list: readonly T[]) => kept.map((row) => list[row]!);
  return {
    ...head,
    positions: pick(positions),
    forbidden: forbidden && pick(forbidden),
    gather: gather && pick(gather),
  };
}
