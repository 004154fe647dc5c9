/** The differences between families with the same body: which positions a query sees, and which row predicts a position. */
import type { ConfigReader } from "./configReader.ts";

export interface Conventions {
  /** Block width of the block-causal mask; Infinity for bidirectional models. */
  readonly maskBlock: number;
  /** The start of the mask's grid of blocks: position 0, or the prompt's end. */
  readonly origin: "zero" | "prompt";
  /** Row p - shift predicts position p. */
  readonly shift: 0 | 1;
  /** Whether the last row of the pass over a finished block predicts the first token of the next block (its arg-max). */
  readonly seeded: boolean;
}

/** Each position sees all positions, and its row predicts itself. */
export const bidirectional: Conventions = { maskBlock: Infinity, origin: "zero", shift: 0, seeded: false };
/** Each position sees all positions, and its row predicts the next position. */
export const shifted: Conventions = { ...bidirectional, shift: 1 };
/** Next-token prediction. */
export const causal: Conventions = { ...shifted, maskBlock: 1 };

/** Blocks on the absolute grid. The width is the first of these fields that exists, else the fallback. */
export function blockCausal(config: ConfigReader, fields: readonly string[], fallback: number): Conventions {
  const field = fields.find((name) => config.has(name));
  return { ...bidirectional, maskBlock: field === undefined ? fallback : config.count(field) };
}
