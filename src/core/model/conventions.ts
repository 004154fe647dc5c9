/** How a family's logits are read and what its queries see: what differs between families that share a body. */
import type { ConfigReader } from "./configReader.ts";

export interface Conventions {
  /** Width of the blocks of the block-causal mask; Infinity is bidirectional. */
  readonly maskBlock: number;
  /** Where the mask's grid has a line: at position 0, or at the prompt's end. */
  readonly origin: "zero" | "prompt";
  /** A position p is predicted by row p - shift. */
  readonly shift: 0 | 1;
  /** The first token of a block is the arg-max of the last row of the pass over the finished block before it. */
  readonly seeded: boolean;
}

/** Every position sees every other, and predicts itself. */
export const bidirectional: Conventions = { maskBlock: Infinity, origin: "zero", shift: 0, seeded: false };
/** Every position sees every other, and predicts the next. */
export const shifted: Conventions = { ...bidirectional, shift: 1 };
/** Next-token prediction. */
export const causal: Conventions = { ...shifted, maskBlock: 1 };

/** Blocks on the absolute grid, as wide as the first of these fields says that there is. */
export function blockCausal(config: ConfigReader, fields: readonly string[], fallback: number): Conventions {
  const field = fields.find((name) => config.has(name));
  return { ...bidirectional, maskBlock: field === undefined ? fallback : config.count(field) };
}
