import { op } from "./op.ts";

export interface MlpAttributes {
  readonly intermediate: number;
  readonly epsilon: number;
}

export const mlp = op<MlpAttributes>()({
  name: "mlp",
  help: "RMS norm, gate and up projections, silu(gate) * up, down projection, residual if any.",
  /** x [tokens, hidden], norm [hidden], gateUp [2 * intermediate, hidden] (gate rows, then up), down [hidden, intermediate], residual [tokens, hidden]. */
  inputs: ["x", "norm", "gateUp", "down", "residual"],
  optional: ["residual"],
  /** y [tokens, hidden]; normed [tokens, hidden], halves [tokens, 2 * intermediate] and activation [tokens, intermediate] are scratch. */
  outputs: ["y", "normed", "halves", "activation"],
  cost: ({ inputs, outputs }, view) => ({
    bytes:
      view.bytes(inputs.x, inputs.norm, inputs.gateUp, inputs.down, inputs.residual, outputs.y) +
      2 * view.bytes(outputs.activation),
    flops: 2 * view.counts.tokens * view.elements(inputs.gateUp, inputs.down),
    launches: 2,
  }),
});
