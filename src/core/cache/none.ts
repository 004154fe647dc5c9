import { cachePolicy } from "./policy.ts";

/** Computes the whole sequence in every pass, so nothing is stale. */
export const none = cachePolicy({
  name: "none",
  help: "Computes the whole sequence in every pass; nothing is stale.",
  source: "LLaDA (arXiv 2502.09992)",
  exact: true,
  parameters: {},
  initial: { iteration: 0 },
  window: ({ length }) => ({ start: 0, end: length }),
  next({ iteration }, { length }) {
    return { start: 0, end: length, refresh: false, state: { iteration: iteration + 1 } };
  },
});
