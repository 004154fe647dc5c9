import type { AttentionAttributes } from "./attention.ts";
import { op } from "./op.ts";

export interface CouplingsAttributes extends AttentionAttributes {
  /** Index of the layer, and the number of layers of the model. */
  readonly layer: number;
  readonly layers: number;
}

export const couplings = op<CouplingsAttributes>()({
  name: "couplings",
  help: "Attention among the wanted rows, summed over the layers that a head request asks for; a pass without such a request does nothing.",
  /** As those of the layer's attention: query [tokens, heads * headDimension]; keys [positions, kvHeads * headDimension]. */
  inputs: ["query", "keys"],
  /** None: the result is `PassStatistics.couplings`. */
  outputs: [],
  // Passes without a request for couplings, which all passes are whose cost is computed.
  cost: () => ({ bytes: 0, flops: 0, launches: 0 }),
});

/** Whether a layer belongs to those that a head request's couplings average: the last `wanted` ones. */
export function isCoupled(
  { layer, layers }: Pick<CouplingsAttributes, "layer" | "layers">,
  wanted: number | undefined,
): boolean {
  return wanted !== undefined && layer >= layers - wanted;
}

/** The layers that couplings average by default: the last quarter, at least one. */
export function defaultCoupledLayers(layers: number): number {
  return Math.max(1, Math.floor(layers / 4));
}
