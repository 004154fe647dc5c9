import { op } from "./op.ts";

export interface ProjectAttributes {
  /** Columns of y and columns of x. */
  readonly outFeatures: number;
  readonly inFeatures: number;
}

export const project = op<ProjectAttributes>()({
  name: "project",
  help: "A linear projection, with bias and residual if any.",
  /** x [tokens, inFeatures], weight [outFeatures, inFeatures], bias [outFeatures], residual [tokens, outFeatures]. */
  inputs: ["x", "weight", "bias", "residual"],
  optional: ["bias", "residual"],
  /** [tokens, outFeatures] */
  outputs: ["y"],
  cost: ({ inputs, outputs }, view) => ({
    bytes: view.bytes(inputs.x, inputs.weight, inputs.bias, inputs.residual, outputs.y),
    flops: 2 * view.counts.tokens * view.elements(inputs.weight),
    launches: 1,
  }),
});
