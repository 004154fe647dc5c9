import { block } from "../block.ts";
import { everyPass } from "./everyPass.ts";

/** The passes of `block` over a prompt that is encoded at once. */
export const dInferBlock = everyPass({
  ...block,
  name: "dInferBlock",
  help: "For comparison: as 'block', with the prompt in one pass, and passes on finished blocks where iterations are unrolled.",
  source: "dInfer (arXiv 2510.08666), block diffusion",
});
