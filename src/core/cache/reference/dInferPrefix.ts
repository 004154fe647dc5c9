import { refreshThenWindow } from "./refreshThenWindow.ts";

/** dInfer's passes of `prefix`. */
export const dInferPrefix = refreshThenWindow(
  {
    name: "dInferPrefix",
    help: "For comparison: makes exactly the passes of dInfer's prefix cache, including those on finished blocks.",
    source: "dInfer (arXiv 2510.08666), prefix cache",
  },
  ({ start, length }) => ({ start, end: length }),
);
