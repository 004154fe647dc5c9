import { none } from "../none.ts";
import { everyPass } from "./everyPass.ts";

/** dInfer's passes without a cache. */
export const dInferNone = everyPass({
  ...none,
  name: "dInferNone",
  help: "For comparison: makes exactly the passes of dInfer without a cache, including those on finished blocks.",
  source: "dInfer (arXiv 2510.08666)",
});
