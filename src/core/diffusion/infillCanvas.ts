/** The canvas of an infilling request, with pinned tokens and holes. */
import { DiffusionError } from "../error.ts";
import type { Canvas, Range } from "./canvas.ts";

/** Pinned tokens, or the number of positions of a hole. */
export type InfillPart = readonly number[] | number;

/** A canvas with holes. */
export interface InfillCanvas extends Canvas {
  readonly holes: readonly Range[];
}

/**
 * A canvas with the prompt and then the parts, in order. All holes belong to one block, so they are filled concurrently.
 * @throws DiffusionError `invalid-request` if there is no hole, or pinned tokens contain the mask token
 */
export function infillCanvas(
  prompt: readonly number[],
  parts: readonly InfillPart[],
  maskToken: number,
): InfillCanvas {
  const tokens = [...prompt];
  const holes: Range[] = [];
  if (
    prompt.includes(maskToken) ||
    parts.some((part) => typeof part !== "number" && part.includes(maskToken))
  ) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot infill as pinned tokens must not contain the mask token: found ${maskToken}`,
    );
  }
  for (const part of parts) {
    if (typeof part !== "number") tokens.push(...part);
    else {
      holes.push({ start: tokens.length, end: tokens.length + part });
      tokens.push(...Array<number>(part).fill(maskToken));
    }
  }
  const first = holes[0];
  if (!first)
    throw new DiffusionError(
      "invalid-request",
      "Cannot infill as the request must have at least one hole: found none",
    );
  const block = { start: first.start, end: holes.at(-1)!.end };
  const undecided = new Uint8Array(tokens.length);
  for (const { start, end } of holes) undecided.fill(1, start, end);
  return {
    tokens,
    undecided,
    blocks: [{ ...block, block }],
    answer: { start: prompt.length, end: tokens.length },
    holes,
  };
}
