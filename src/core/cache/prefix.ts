import { windowedPolicy } from "./windowed.ts";

/** Keeps what lies before the block; computes the block and all after it. */
export const prefix = windowedPolicy(
  {
    name: "prefix",
    help: "Computes the block and everything after it; what lies before goes stale until the next refresh.",
    source: "Fast-dLLM (arXiv 2505.22618), section 3.2",
  },
  ({ start, length }) => ({ start, end: length }),
);
