import { op } from "./op.ts";

export interface ProjectAttributes {
  /** Features of y and of x. */
  readonly outer: number;
  readonly inner: number;
}

export const project = op<ProjectAttributes>()({
  name: "project",
  help: "A linear projection, its bias and the residual if any.",
  /** x [tokens, inner], weight [hidden, inner], bias [hidden], residual [tokens, hidden]. */
  inputs: ["x", "weight", "bias", "residual"],
  optional: ["bias", "residual"],
  /** [tokens, hidden] */
  outputs: ["y"],
  cost: ({ inputs, outputs }, view) => ({
    bytes: view.bytes(inputs.x, inputs.weight, inputs.bias, inputs.residual, outputs.y),
    flops: 2 * view.counts.tokens * view.elements(inputs.weight),
    launches: 1,
  }),
});
