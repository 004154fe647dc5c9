import { op } from "./op.ts";

export interface ProjectAttributes {
  /** Features of y and of x. */
  readonly outer: number;
  readonly inner: number;
}

export const project = op<ProjectAttributes>()({
  name: "project",
  help: "A linear projection, its bias if any, and the residual.",
  /** x [tokens, inner], weight [hidden, inner], bias [hidden], residual [tokens, hidden]. */
  inputs: ["x", "weight", "bias", "residual"],
  optional: ["bias"],
  /** [tokens, hidden] */
  outputs: ["y"],
  cost: ({ inputs, outputs }, view) => ({
    bytes: view.bytes(inputs.x, inputs.weight, inputs.bias, inputs.residual, outputs.y),
    flops: 2 * view.counts.tokens * view.elements(inputs.weight),
    launches: 1,
  }),
});
