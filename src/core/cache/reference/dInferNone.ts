import { none } from "../none.ts";
import { everyPass } from "./everyPass.ts";

/** dInfer's passes without a cache. */
export const dInferNone = everyPass({
  ...none,
  name: "dInferNone",
  help: "For comparison: the passes of dInfer without a cache one for one, those on finished blocks included.",
  source: "dInfer (arXiv 2510.08666)",
});
