import { number, optionalInteger } from "../declare/index.ts";
import { couplingLayers } from "./couplingLayers.ts";
import { decoder } from "./decoder.ts";
import { topK } from "./topK.ts";

/**
 * Commits positions from the lowest entropy on, each unless it has an edge to one that the step commits already: an independent set
 * of a graph over the open positions. Two positions have an edge if the attention between them, times the lower of their entropies,
 * exceeds `edge`: what is certain depends on nothing, and an uncertain position only on what it attends to. The source describes
 * the selection of sets of positions that do not attend to each other; the rule of an edge is this project's.
 */
export const independent = decoder({
  name: "independent",
  help: "Commits a set of positions of which no two are both uncertain and attend to each other.",
  source: "DAPD (arXiv 2603.12996), with another rule of an edge",
  parameters: {
    edge: number({
      default: 0.003,
      minimum: 0,
      help: "attention times the lower entropy, in nats, above which only one of two positions commits",
    }),
    layers: optionalInteger(couplingLayers),
  },
  needs: ["couplings"],
  couplingLayers: ({ layers }) => layers,
  commit({ open, token, entropy, coupling }, { edge }, out) {
    const chosen: number[] = [];
    const hasEdge = (a: number, b: number) =>
      Math.max(coupling(a, b), coupling(b, a)) * Math.min(entropy[a]!, entropy[b]!) > edge;
    for (const offset of topK(open, open.length, (each) => -entropy[each]!)) {
      if (chosen.some((other) => hasEdge(offset, other))) continue;
      chosen.push(offset);
      out.commit(offset, token[offset]!);
    }
  },
});
