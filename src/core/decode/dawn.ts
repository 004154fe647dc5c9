import { optionalInteger, probability } from "../declare/index.ts";
import { couplingLayers } from "./couplingLayers.ts";
import { type BlockView, decoder } from "./decoder.ts";
import { topK } from "./topK.ts";

/**
 * Commits what is sure, what attends to something sure, and of the rest a set of positions that do not attend to each other. An edge
 * leads from position j to position i if i attends to j with at least `edge`; a position on which the block's attention falls whatever
 * the query, a sink, has no edges to others. The reference sees edges of all known positions up to the end of the block; here, those
 * of the block's decided positions, whose rows the pass computes.
 */
export const dawn = decoder({
  name: "dawn",
  help: "Commits sure positions, those that attend to sure ones, and others that do not attend to each other.",
  source: "DAWN: dependency-aware decoding by attention, with edges within the block",
  parameters: {
    threshold: probability({ default: 0.9, help: "confidence from which a position is sure" }),
    induced: probability({
      default: 0.7,
      help: "confidence from which a position commits that attends to a sure, decided one",
    }),
    low: probability({
      default: 0.75,
      help: "confidence from which positions commit that do not attend to each other",
    }),
    edge: probability({ default: 0.07, help: "attention from which one position depends on another" }),
    sink: probability({
      default: 0.25,
      help: "mean attention of the block's positions above which a position is a sink",
    }),
    layers: optionalInteger(couplingLayers),
  },
  needs: ["known", "couplings"],
  couplingLayers: ({ layers }) => layers,
  commit(view, { threshold, induced, low, edge, sink }, out) {
    const { open, known, token, confidence, bestProbability } = view;
    if (open.length === 0) return;
    const [sure, dependent, lowest] = [Math.fround(threshold), Math.fround(induced), Math.fround(low)];
    const attends = edgesOf(view, edge, sink);
    const anchors = known.filter((offset) => bestProbability[offset]! >= sure);
    const chosen = new Set(
      open.filter((offset) => {
        const own = confidence[offset]!;
        return own >= sure || (own >= dependent && anchors.some((anchor) => attends(offset, anchor)));
      }),
    );
    const fixed = [...chosen];
    const rest = open.filter(
      (offset) =>
        !chosen.has(offset) &&
        confidence[offset]! >= lowest &&
        !fixed.some((other) => attends(offset, other)),
    );
    const added: number[] = [];
    const sorted = topK(rest, rest.length, (offset) => confidence[offset]!);
    for (const offset of sorted) {
      if (added.some((other) => attends(offset, other) || attends(other, offset))) continue;
      added.push(offset);
    }
    const all = [...fixed, ...added];
    const best = topK(open, 1, (offset) => confidence[offset]!);
    for (const offset of all.length > 0 ? all : best) out.commit(offset, token[offset]!);
  },
});

/** Whether a position attends to another one, which is no sink. */
function edgesOf({ open, known, coupling }: BlockView, edge: number, sink: number) {
  const rows = [...open, ...known];
  const sinks = new Set(
    rows.filter((key) => rows.reduce((sum, query) => sum + coupling(query, key), 0) > sink * rows.length),
  );
  return (query: number, key: number) => query !== key && !sinks.has(key) && coupling(query, key) >= edge;
}
