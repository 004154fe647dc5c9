/** Starting from a draft: its tokens are placed on the canvas, and the least confident ones are masked again. */
import { DiffusionError } from "../error.ts";
import type { Canvas } from "./canvas.ts";

/**
 * Places the tokens of a draft at the start of a canvas's answer, as decided tokens.
 * @throws DiffusionError `invalid-request` if the draft is empty, is longer than the answer, or contains the mask token
 */
export function draftCanvas(canvas: Canvas, draft: readonly number[], maskToken: number): Canvas {
  const { start, end } = canvas.answer;
  if (draft.length > end - start || draft.length === 0) {
    const message = `Cannot start from the draft as it must have 1 to ${end - start} tokens: found ${draft.length}`;
    throw new DiffusionError("invalid-request", message);
  }
  if (draft.includes(maskToken)) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot start from the draft as it must not contain the mask token: found ${maskToken}`,
    );
  }
  const tokens = [...canvas.tokens];
  tokens.splice(start, draft.length, ...draft);
  const undecided = canvas.undecided.slice().fill(0, start, start + draft.length);
  return { ...canvas, tokens, undecided };
}

/** Masks the least confident tokens of a draft: the fraction `remaskFraction`, at least one. Lower positions first on ties. */
export function remask(
  canvas: Canvas,
  confidences: ReadonlyMap<number, number>,
  remaskFraction: number,
  maskToken: number,
): Canvas {
  const order = [...confidences].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  const tokens = [...canvas.tokens];
  const undecided = canvas.undecided.slice();
  for (const [position] of order.slice(0, Math.max(1, Math.round(remaskFraction * order.length)))) {
    tokens[position] = maskToken;
    undecided[position] = 1;
  }
  return { ...canvas, tokens, undecided };
}
