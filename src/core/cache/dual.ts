import { windowedPolicy } from "./windowed.ts";

/** Computes only the block; keeps the keys and values before and after it. */
export const dual = windowedPolicy(
  {
    name: "dual",
    help: "Computes only the block; all other positions go stale until the next refresh.",
    source: "Fast-dLLM (arXiv 2505.22618), section 3.2",
  },
  ({ start, end }) => ({ start, end }),
);
