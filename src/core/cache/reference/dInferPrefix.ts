import { refreshThenWindow } from "./refreshThenWindow.ts";

/** dInfer's passes of `prefix`. */
export const dInferPrefix = refreshThenWindow(
  {
    name: "dInferPrefix",
    help: "For comparison: the passes of dInfer's prefix cache one for one, those on finished blocks included.",
    source: "dInfer (arXiv 2510.08666), prefix cache",
  },
  ({ start, length }) => ({ start, end: length }),
);
