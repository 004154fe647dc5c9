import { block } from "../block.ts";
import { everyPass } from "./everyPass.ts";

/** dInfer's passes of `block`, with the prompt encoded in one pass. */
export const dInferBlock = everyPass({
  ...block,
  name: "dInferBlock",
  help: "For comparison: as 'block', but encodes the prompt in one pass; unrolling adds passes on finished blocks.",
  source: "dInfer (arXiv 2510.08666), block diffusion",
});
