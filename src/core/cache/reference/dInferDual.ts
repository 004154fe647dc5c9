import { refreshThenWindow } from "./refreshThenWindow.ts";

/** dInfer's passes of `dual`. */
export const dInferDual = refreshThenWindow(
  {
    name: "dInferDual",
    help: "For comparison: the passes of dInfer's dual cache one for one, those on finished blocks included.",
    source: "dInfer (arXiv 2510.08666), dual cache",
  },
  ({ start, end }) => ({ start, end }),
);
