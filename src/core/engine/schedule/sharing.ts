/**
 * Prompts that begin alike share what was computed for them. Keys and values of a block-causal model depend on nothing but
 * the tokens up to the end of their block, so they can be copied: those of whole blocks that lie in both prompts.
 */
import type { Row } from "./planPass.ts";

/** Keys and values that a row need not compute. */
export interface CachedPrefix {
  readonly from: Row;
  readonly start: number;
  readonly end: number;
}

/** The most that one of these others has of what a row is still to encode; undefined if there is nothing. */
export function cachedPrefixOf(row: Row, others: Iterable<Row>): CachedPrefix | undefined {
  const { sequence } = row.task;
  const start = sequence.encoded;
  let best: CachedPrefix | undefined;
  if (!sequence.encodesPrompt) return best;
  for (const from of others) {
    const { encoded, promptEnd } = from.task.sequence;
    const end = commonEnd(row, from, Math.min(encoded, promptEnd), best?.end ?? start);
    if (end !== undefined) best = { from, start, end };
  }
  return best;
}

/** Whether one of these, which make the next pass, computes there what a row would: then it had better wait, and copy. */
export function isComputedBy(row: Row, picked: readonly Row[]): boolean {
  const { sequence } = row.task;
  if (!sequence.encodesPrompt) return false;
  return picked.some((other) => {
    if (!other.task.sequence.encodesPrompt) return false;
    const { end } = other.task.sequence.next().span;
    return commonEnd(row, other, end, sequence.encoded) !== undefined;
  });
}

/** The end of what two rows have in common, at most `most`, in whole blocks of the mask; undefined unless above `above`. */
function commonEnd(row: Row, other: Row, most: number, above: number): number | undefined {
  const [one, two] = [row.task.sequence, other.task.sequence];
  const { maskBlock, origin, maskToken } = one.options;
  const end = Math.min(most, one.promptEnd);
  if (end <= above || row === other || other.slots.length < row.slots.length) return undefined;
  if (two.options.maskBlock !== maskBlock || (two.options.origin - origin) % maskBlock !== 0)
    return undefined;
  // The second slot holds masks where the prompt was.
  if (row.slots.length > 1 && two.options.maskToken !== maskToken) return undefined;
  let same = 0;
  while (same < end && one.tokens[same] === two.tokens[same]) same++;
  const line = origin + Math.floor((same - origin) / maskBlock) * maskBlock;
  return line > above ? line : undefined;
}
