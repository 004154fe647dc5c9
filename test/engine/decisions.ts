/** What runs of block-causal models are compared by. */
import type { Run } from "../suites/run.ts";

/** Tokens of the small models, always the same. */
export function prompt(length: number, seed = 1): readonly number[] {
  return Array.from({ length }, (_, index) => 2 + ((index * 37 + seed * 11) % 90));
}

/** What a run decided, to the last bit, however its prompt was encoded. */
export function decisions({ steps, done }: Run) {
  return [
    done.canvas,
    steps
      .filter((step) => !step.prefill)
      .map(({ positions, tokens, confidences, edits }) => ({ positions, tokens, confidences, edits })),
  ];
}
