import { windowedPolicy } from "./windowed.ts";

/** Computes the block and everything after it; keeps the keys and values before it. */
export const prefix = windowedPolicy(
  {
    name: "prefix",
    help: "Computes the block and everything after it; positions before it go stale until the next refresh.",
    source: "Fast-dLLM (arXiv 2505.22618), section 3.2",
  },
  ({ start, length }) => ({ start, end: length }),
);
