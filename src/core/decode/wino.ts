import { integer, probability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { topK } from "./topK.ts";

/**
 * Drafts wide and verifies. A step commits the open positions whose confidence exceeds the threshold, at most `cap` of them, or else
 * the best one. If it commits more than one, it revokes the decided positions whose token the shadow finds less probable than
 * `verify`, the least probable first, but fewer than the step before committed. So every two steps decide more than they revoke, and
 * a block takes at most as many steps as it has undecided positions.
 */
export const wino = decoder({
  name: "wino",
  help: "Commits many positions at once, and takes back tokens that the model doubts when it sees all other positions.",
  source: "WINO (arXiv 2507.18578), wide-in, narrow-out",
  parameters: {
    threshold: probability({ default: 0.6, help: "commit above this confidence" }),
    verify: probability({ default: 0.9, help: "take back tokens whose probability is below this" }),
    capFraction: probability({
      default: 0.7,
      help: "maximum fraction of the undecided positions that a step commits",
    }),
    capMinimum: integer({ default: 5, minimum: 1, help: "commits of a step that are always allowed" }),
    capMaximum: integer({ default: 20, minimum: 1, help: "maximum commits of a step" }),
  },
  needs: ["known", "shadow"],
  onlyOnHost: () => "no kernel computes a shadow",
  start: () => ({ committed: 0 }),
  commit(view, { threshold, verify, capFraction, capMinimum, capMaximum }, out, state) {
    const { open, known, token, confidence, shadowProbability } = view;
    const cap = Math.min(Math.max(Math.floor(capFraction * open.length), capMinimum), capMaximum);
    const bound = Math.fround(threshold);
    const above = open.filter((offset) => confidence[offset]! > bound);
    const chosen = above.length > 0 ? topK(above, cap, (offset) => confidence[offset]!) : [];
    const commits = chosen.length > 0 ? chosen : topK(open, 1, (offset) => confidence[offset]!);
    for (const offset of commits) out.commit(offset, token[offset]!);
    if (commits.length > 1) {
      const doubted = known.filter((offset) => shadowProbability[offset]! < Math.fround(verify));
      const most = Math.max(0, state.committed - 1);
      for (const offset of topK(doubted, most, (each) => -shadowProbability[each]!)) out.revoke(offset);
    }
    state.committed = commits.length;
  },
});
