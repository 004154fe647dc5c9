/** The canvas of an answer, and its extension if the answer may have more tokens than the canvas has positions. */
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
 * Makes the canvas so that `maxTokens` does not change the tokens before the limit. A bidirectional model sees its whole
 * canvas, so the canvas has `genLength` positions for every limit, and is extended by `genLength` positions when it is full. In
 * a block-causal model, no position sees the blocks after its own, so the canvas is made as long as the limit at once.
 * @param maxPositions maximum positions of the sequence
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
  // An answer with an end token ends there.
  if (maxTokens === null || endToken !== undefined) return { canvas };
  const extend = (filled: Canvas, tokens: Uint32Array) => {
    const { start, end } = filled.answer;
    const more = Math.min(genLength, maxPositions - end);
    if (end - start >= maxTokens || more <= 0) return undefined;
    return shortenedCanvas(extendedCanvas(filled, tokens, { ...layout, genLength: more }), maxTokens);
  };
  return { canvas, extend };
}
