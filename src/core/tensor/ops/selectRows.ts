import { op } from "./op.ts";

export const selectRows = op<{ readonly epsilon: number }>()({
  name: "selectRows",
  help: "Gathers the wanted rows, applies the final RMS norm, and combines rows under guidance: u + (g + 1)(c - u).",
  /** x [tokens, hidden], norm [hidden]. */
  inputs: ["x", "norm"],
  /** [rows, hidden] */
  outputs: ["hidden"],
  cost: ({ inputs, outputs }, view) => ({
    bytes: 2 * view.bytes(outputs.hidden) + view.bytes(inputs.norm),
    flops: 4 * view.elements(outputs.hidden),
    launches: 1,
  }),
});
