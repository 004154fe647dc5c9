import { op } from "./op.ts";

export interface QkvAttributes {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  /** The first elements of each head, this many, are rotated (rotate-half); the others are unchanged. */
  readonly rotaryDimension: number;
  /** Epsilon of the RMS norms. */
  readonly epsilon: number;
}

export const qkv = op<QkvAttributes>()({
  name: "qkv",
  help: "RMS norm, the three projections, per-head RMS norm if it has weights, RoPE; writes keys and values in place.",
  /**
   * x [tokens, hidden], norm [hidden], weight [(heads + 2 kvHeads) * headDimension, hidden] (query, key, value
   * rows), bias [the same rows], queryNorm and keyNorm [headDimension], rope [context, rotaryDimension] (cosines,
   * then sines), keys and values [positions, kvHeads * headDimension].
   */
  inputs: ["x", "norm", "weight", "bias", "queryNorm", "keyNorm", "rope", "keys", "values"],
  optional: ["bias", "queryNorm", "keyNorm"],
  /** query [tokens, heads * headDimension]; normed [tokens, hidden] is scratch. */
  outputs: ["query", "normed"],
  cost: ({ inputs, outputs }, view) => {
    const written = 2 * view.rowBytes(inputs.keys) * view.counts.tokens;
    return {
      bytes: view.bytes(inputs.x, inputs.norm, inputs.weight, inputs.bias, outputs.query) + written,
      flops: 2 * view.counts.tokens * view.elements(inputs.weight),
      launches: 1,
    };
  },
});
