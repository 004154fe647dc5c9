import { windowedPolicy } from "./windowed.ts";

/** Keeps what lies before and after the block; computes the block alone. */
export const dual = windowedPolicy(
  {
    name: "dual",
    help: "Computes the block alone; all around it goes stale until the next refresh.",
    source: "Fast-dLLM (arXiv 2505.22618), section 3.2",
  },
  ({ start, end }) => ({ start, end }),
);
