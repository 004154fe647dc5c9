/** What the tokens of a sequence say of its answer so far. */
import type { SubBlock } from "./canvas.ts";
import type { SequenceOptions } from "./options.ts";

/** From the sequence's start: positions before this one will not change any more, while a part of it is decoded. */
export function finalizedUpTo(
  tokens: Uint32Array,
  part: SubBlock,
  { canvas, decoder, maskToken }: SequenceOptions,
): number {
  const { blocks, answer } = canvas;
  // A decoder that needs known tokens may overwrite them until their block is left.
  if (decoder.declaration.needs?.includes("known")) return Math.max(part.block.start, answer.start);
  const masked = tokens.indexOf(maskToken, answer.start);
  return masked < 0 ? blocks.at(-1)!.end : masked;
}

/** The answer's tokens up to a position, and up to the first stop token or the first position that is undecided. */
export function answerTo(
  tokens: Uint32Array,
  end: number,
  { canvas, stopTokens, maskToken }: SequenceOptions,
): readonly number[] {
  const own = tokens.subarray(canvas.answer.start, Math.min(end, canvas.answer.end));
  const stop = own.findIndex((token) => token === maskToken || stopTokens.includes(token));
  return Array.from(stop < 0 ? own : own.subarray(0, stop));
}

/** Whether a stop token or string ends the answer before its first undecided position. */
export function stopsBeforeOpen(tokens: Uint32Array, options: SequenceOptions): boolean {
  const { canvas, stopTokens, holdsStopString } = options;
  const decided = answerTo(tokens, canvas.answer.end, options);
  const behind = tokens[canvas.answer.start + decided.length];
  const stops = decided.length < canvas.answer.end - canvas.answer.start && stopTokens.includes(behind!);
  return stops || (holdsStopString?.(decided) ?? false);
}

/**
 * Whether the answer's part in what was just completed holds a stop token, or the answer so far a stop string. Without
 * early stop, both are asked of the whole answer at its end.
 */
export function stopsIn(
  tokens: Uint32Array,
  { start, end }: SubBlock,
  isLast: boolean,
  options: SequenceOptions,
): boolean {
  const { canvas, stopTokens, earlyStop, holdsStopString } = options;
  if (!earlyStop && !isLast) return false;
  const from = earlyStop ? Math.max(start, canvas.answer.start) : canvas.answer.start;
  const to = Math.min(end, canvas.answer.end);
  if (tokens.subarray(from, to).some((token) => stopTokens.includes(token))) return true;
  return holdsStopString?.(answerTo(tokens, end, options)) ?? false;
}
