import { refreshThenWindow } from "./refreshThenWindow.ts";

/** dInfer's passes of `dual`. */
export const dInferDual = refreshThenWindow(
  {
    name: "dInferDual",
    help: "For comparison: makes exactly the passes of dInfer's dual cache, including those on finished blocks.",
    source: "dInfer (arXiv 2510.08666), dual cache",
  },
  ({ start, end }) => ({ start, end }),
);
