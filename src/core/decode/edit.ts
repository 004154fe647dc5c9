import { integer, optionalProbability, probability } from "../declare/index.ts";
import { decoder, maxPostSteps } from "./decoder.ts";
import { aboveOrBest } from "./thresholdTopN.ts";

/**
 * Commits every open position above the threshold, or else the best one. Replaces every generated token of the block if the
 * model now predicts another token with a confidence above the editing threshold. A filled block gets further steps until a
 * step changes nothing, at most `postSteps`.
 */
export const edit = decoder({
  name: "edit",
  help: "Joint threshold decoding: commits as 'thresholdTopN' does, and replaces tokens of the block if the model now predicts others.",
  source: "LLaDA2.1 (arXiv 2602.08676), joint threshold decoding",
  parameters: {
    threshold: probability({ default: 0.95, help: "commit above this confidence" }),
    edit: optionalProbability({
      default: 0.9,
      help: "replace a token above this confidence; null replaces none",
    }),
    postSteps: integer({
      default: 16,
      minimum: 0,
      maximum: maxPostSteps,
      help: "maximum steps on a filled block",
    }),
  },
  needs: ["known"],
  // The kernel counts the steps on a filled block at the block's first position.
  kernel: { positionWords: () => 1 },
  start: () => ({ postSteps: 0, changed: true }),
  commit(view, { threshold, edit }, out, state) {
    const { open, known, current, token, confidence } = view;
    state.changed = open.length > 0;
    if (open.length === 0) state.postSteps++;
    else for (const offset of aboveOrBest(view, threshold, 1)) out.commit(offset, token[offset]!);
    if (edit === null) return;
    const bound = Math.fround(edit);
    for (const offset of known) {
      if (token[offset] === current[offset] || !(confidence[offset]! > bound)) continue;
      out.edit(offset, token[offset]!);
      state.changed = true;
    }
  },
  observe(state, open, edits) {
    state.changed = open > 0 || edits > 0;
    if (open === 0) state.postSteps++;
  },
  isBlockDone: ({ postSteps, changed }, parameters) =>
    parameters.edit === null || !changed || postSteps >= parameters.postSteps,
});
