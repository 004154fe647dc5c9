/**
 * The shadow of a block: masks behind the sequence that stand for the block's positions and see everything but their own twins. Their
 * rows say how probable a decided token is where the model does not see it. Source: WINO (arXiv 2507.18578).
 */
import type { Sampling } from "../tensor/index.ts";
import type { SequenceOptions } from "./options.ts";
import type { TwinPass } from "./outcome.ts";
import type { PassPlace } from "./pass.ts";

/** The probabilities are of the plain softmax. */
const plain: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };

/** Positions that a slot needs behind the sequence: those of the longest block's shadow. */
export function shadowLength({ decoder, canvas }: Pick<SequenceOptions, "decoder" | "canvas">): number {
  if (!decoder.declaration.needs?.includes("shadow")) return 0;
  return Math.max(...canvas.blocks.map(({ start, end }) => end - start));
}

/** The shadow of a pass that decides, as decode step `step` of the sequence; undefined if there is no token to verify. */
export function shadowOf({ options, tokens, block }: PassPlace, step: number): TwinPass | undefined {
  if (!options.decoder.declaration.needs?.includes("shadow") || block.openCount === 0) return undefined;
  const twins = block.knownPositions;
  if (twins.length === 0) return undefined;
  const start = tokens.length;
  const end = start + block.end - block.start;
  const { maskToken, maskBlock, origin, forbidden } = options;
  return {
    span: { start, end, visible: end, maskBlock, origin, shadowOf: block.start },
    head: {
      positions: twins,
      shift: 0,
      maskToken,
      sampling: plain,
      step,
      forbidden: forbidden && twins.map((position) => forbidden.get(position) ?? []),
      gather: twins.map((position) => [tokens[position]!]),
    },
  };
}
