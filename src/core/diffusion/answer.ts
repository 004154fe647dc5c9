/** The answer so far, and whether it has stopped, from the tokens of a sequence. */
import type { SubBlock } from "./canvas.ts";
import type { SequenceOptions } from "./options.ts";
import type { DecodedTokens } from "./undecided.ts";

/** The end of the sequence's stable prefix: positions before it are final while `subBlock` is decoded. */
export function finalizedUpTo(
  { undecided }: DecodedTokens,
  subBlock: SubBlock,
  { canvas, decoder }: SequenceOptions,
): number {
  const { blocks, answer } = canvas;
  // A decoder that edits may overwrite the tokens of a block until the sequence leaves the block.
  if (decoder.declaration.needs?.includes("known")) return Math.max(subBlock.block.start, answer.start);
  const first = undecided.indexOf(1, answer.start);
  return first < 0 ? blocks.at(-1)!.end : first;
}

/** The answer's tokens before position `end`, up to the first stop token or the first undecided position. */
export function answerTo(
  { tokens, undecided }: DecodedTokens,
  end: number,
  { canvas, stopTokens }: SequenceOptions,
): readonly number[] {
  const { start } = canvas.answer;
  const own = tokens.subarray(start, Math.min(end, canvas.answer.end));
  const stop = own.findIndex(
    (token, offset) => undecided[start + offset] === 1 || stopTokens.includes(token),
  );
  return Array.from(stop < 0 ? own : own.subarray(0, stop));
}

/** Whether a stop token or stop string ends the answer before the first undecided position. */
export function stopsBeforeOpen(decoded: DecodedTokens, options: SequenceOptions): boolean {
  const { canvas, stopTokens, holdsStopString } = options;
  const before = answerTo(decoded, canvas.answer.end, options);
  const end = canvas.answer.start + before.length;
  const isStop = decoded.undecided[end] === 0 && stopTokens.includes(decoded.tokens[end]!);
  return (end < canvas.answer.end && isStop) || (holdsStopString?.(before) ?? false);
}

/**
 * Whether the answer stops in the completed sub-block: at a stop token in it, or at a stop string in the answer so far. Without
 * early stop, the result is false until the last sub-block, and then covers the whole answer.
 */
export function stopsIn(
  decoded: DecodedTokens,
  { start, end }: SubBlock,
  isLast: boolean,
  options: SequenceOptions,
): boolean {
  const { canvas, stopTokens, earlyStop, holdsStopString } = options;
  if (!earlyStop && !isLast) return false;
  const from = earlyStop ? Math.max(start, canvas.answer.start) : canvas.answer.start;
  const to = Math.min(end, canvas.answer.end);
  if (decoded.tokens.subarray(from, to).some((token) => stopTokens.includes(token))) return true;
  return holdsStopString?.(answerTo(decoded, end, options)) ?? false;
}
