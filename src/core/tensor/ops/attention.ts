import { op } from "./op.ts";

export interface AttentionAttributes {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  /** Multiplies query-key products. */
  readonly scale: number;
}

export const attention = op<AttentionAttributes>()({
  name: "attention",
  help: "Softmax attention of each query over the keys that are visible under the mask of its span (online softmax).",
  /** query [tokens, heads * headDimension]; keys and values [positions, kvHeads * headDimension]. */
  inputs: ["query", "keys", "values"],
  /** [tokens, heads * headDimension] */
  outputs: ["attnOutput"],
  cost: ({ inputs, outputs, attributes: a }, view) => ({
    bytes: view.bytes(inputs.query, outputs.attnOutput) + 2 * view.counts.keys * view.rowBytes(inputs.keys),
    flops: 4 * view.counts.pairs * a.heads * a.headDimension,
    launches: 2,
  }),
});
