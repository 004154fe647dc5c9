/** The canvas of an answer, and how it goes on where more tokens are wanted than it has positions. */
import {
  type Canvas,
  extendedCanvas,
  generationCanvas,
  type SequenceOptions,
  shortenedCanvas,
} from "../../diffusion/index.ts";
import type { RequestOptions } from "./readRequest.ts";

type AnswerCanvas = Pick<SequenceOptions, "canvas" | "extend">;

/**
 * `maxTokens` is a limit and changes no token before it. A bidirectional model sees its whole canvas, so the canvas has
 * `genLength` positions whatever the limit is, and once full it is followed by another one of that length. Nothing in a
 * block-causal model sees what lies behind its block: there the canvas may as well be as long as the limit.
 * @param maxPositions positions that the sequence may have in all
 */
export function answerCanvas(
  prompt: readonly number[],
  options: RequestOptions,
  origin: number,
  maxPositions: number,
): AnswerCanvas {
  const { genLength, maxTokens, maskBlock, endToken } = options;
  const layout = { ...options, origin };
  if (maskBlock !== Infinity) {
    const end = origin + Math.floor((maxPositions - origin) / maskBlock) * maskBlock;
    const length = Math.max(genLength, Math.min(maxTokens ?? 0, end - prompt.length));
    return { canvas: generationCanvas({ ...layout, prompt, genLength: length }) };
  }
  const canvas = generationCanvas({ ...layout, prompt });
  // An answer whose last token is given ends with it.
  if (maxTokens === null || endToken !== undefined) return { canvas };
  const extend = (filled: Canvas, tokens: Uint32Array) => {
    const { start, end } = filled.answer;
    const more = Math.min(genLength, maxPositions - end);
    if (end - start >= maxTokens || more <= 0) return undefined;
    return shortenedCanvas(extendedCanvas(filled, tokens, { ...layout, genLength: more }), maxTokens);
  };
  return { canvas, extend };
}
