import { op } from "./op.ts";

export const embed = op<{ readonly hidden: number }>()({
  name: "embed",
  help: "The input embedding of each computed position: the row of its token, or its soft embedding.",
  inputs: ["weight"],
  outputs: ["x"],
  cost: ({ outputs }, view) => ({ bytes: 2 * view.bytes(outputs.x), flops: 0, launches: 1 }),
});
