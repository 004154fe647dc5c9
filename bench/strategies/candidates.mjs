// Decoders that were measured and not built in: docs/results/strategies has the figures.
//   npx unmask eval --decoder-module bench/strategies/candidates.mjs --configurations bench/strategies/configurations.json ...
import { decoder, integer, number, probability } from "unmask";

const bestOf = (offsets, score) => offsets.reduce((best, each) => (score(each) > score(best) ? each : best));
const commitAll = (offsets, view, out) => {
  for (const offset of offsets) out.commit(offset, view.token[offset]);
};
const above = (threshold, { confidence }, offsets) => offsets.filter((each) => confidence[each] >= threshold);
const threshold = probability({ default: 0.9, help: "confidence above which a position commits" });

export const prophet = decoder({
  name: "prophet",
  help: "Commits all open positions once the mean gap between the logits of their two best tokens is large.",
  source: "Prophet (arXiv 2508.19982)",
  parameters: { gap: number({ default: 5, minimum: 0, help: "mean difference of logits" }), threshold },
  commit(view, { gap, threshold }, out) {
    const { open, bestProbability, secondProbability, confidence } = view;
    const gapAt = (each) => Math.log(bestProbability[each] / Math.max(1e-30, secondProbability[each]));
    const mean = open.reduce((sum, each) => sum + gapAt(each), 0) / open.length;
    const sure = mean >= gap ? open : above(threshold, view, open);
    commitAll(sure.length > 0 ? sure : [bestOf(open, (each) => confidence[each])], view, out);
  },
});

export const pipelined = decoder({
  name: "pipelined",
  help: "Decides parts of the block in a pipeline: a part joins once a share of the one before is decided.",
  source: "D2F (arXiv 2508.09192), as d3LLM and Diffulex have it",
  parameters: {
    part: integer({ default: 16, minimum: 1, maximum: 1024, help: "positions of a part" }),
    add: probability({ default: 0.1, help: "share of a part after which the next one joins" }),
    full: probability({
      default: 0.95,
      help: "share after which the next one must commit something in each step",
    }),
    threshold,
  },
  commit(view, { part, add, full, threshold }, out) {
    const { open, length, confidence } = view;
    const openIn = (index) => open.filter((each) => Math.floor(each / part) === index);
    const shareOf = (index) => (index < 0 ? 1 : 1 - openIn(index).length / part);
    for (let index = 0; index * part < length && shareOf(index - 1) >= add; index++) {
      const own = openIn(index);
      const sure = above(threshold, view, own);
      const must = own.length > 0 && sure.length === 0 && shareOf(index - 1) >= full;
      commitAll(must ? [bestOf(own, (each) => confidence[each])] : sure, view, out);
    }
  },
});

export const certaintyPrior = decoder({
  name: "certaintyPrior",
  help: "Weighs confidence by how many of the positions around are decided.",
  source: "d2Cache (arXiv 2509.23094)",
  parameters: {
    share: probability({ default: 0.8, help: "share of the best score above which a position commits" }),
    sigma: number({ default: 10, minimum: 0.1, help: "width of the surroundings, in positions" }),
    sure: probability({ default: 0.98, help: "confidence above which a position commits wherever it is" }),
  },
  commit(view, { share, sigma, sure }, out) {
    const { open, length, confidence, start } = view;
    const isOpen = new Set(open);
    const density = (offset) => {
      let known = 0;
      let all = 0;
      for (let other = Math.max(-start, offset - Math.ceil(4 * sigma)); other < length; other++) {
        if (other === offset) continue;
        const weight = Math.exp(-((offset - other) ** 2) / (2 * sigma ** 2));
        all += weight;
        if (!isOpen.has(other)) known += weight;
      }
      return known / all;
    };
    const scores = new Map(open.map((each) => [each, confidence[each] * density(each)]));
    const least = share * Math.max(...scores.values());
    const chosen = open.filter(
      (each) => confidence[each] >= sure || (scores.get(each) >= least && confidence[each] > 0.5),
    );
    commitAll(chosen.length > 0 ? chosen : [bestOf(open, (each) => scores.get(each))], view, out);
  },
});

export const slowFast = decoder({
  name: "slowFast",
  help: "Explores until the end of what is foreseeable stands still, then decides up to there.",
  source: "SlowFast Sampling (arXiv 2506.10848)",
  parameters: {
    threshold,
    foresight: probability({ default: 0.3, help: "confidence of what is foreseeable" }),
  },
  start: () => ({ from: 0, to: null, estimates: [] }),
  commit(view, { threshold, foresight }, out, state) {
    const { open, length, confidence } = view;
    const decide = (offsets) => {
      const sure = above(threshold, view, offsets);
      commitAll(sure.length > 1 ? sure : [bestOf(offsets, (each) => confidence[each])], view, out);
    };
    if (state.to !== null) {
      const own = open.filter((each) => each < state.to);
      if (own.length > 0) return decide(own);
      Object.assign(state, { from: state.to, to: null, estimates: [] });
    }
    const { from, estimates } = state;
    const farthest = above(foresight, view, open).findLast((each) => each >= from) ?? from;
    estimates.push(farthest + 1);
    decide(open);
    const [before, last] = estimates.slice(-2);
    if (last !== undefined && Math.abs(last - before) < 2) state.to = last;
    else if (estimates.length === 6)
      state.to = Math.min(length, Math.round(estimates.reduce((sum, each) => sum + each) / 6));
  },
});

/** Offsets from the lowest entropy on, as many as a bound on their sum allows, and the others. */
function certain({ open, entropy }, gamma) {
  const order = open.toSorted((a, b) => entropy[a] - entropy[b]);
  let sum = 0;
  let count = 0;
  while (count < order.length && sum + entropy[order[count]] <= gamma) sum += entropy[order[count++]];
  return [order.slice(0, count), order.slice(count)];
}

export const informative = decoder({
  name: "informative",
  help: "An entropy bound, and beside what is certain the position that tells most about others, instead of the next certain one.",
  parameters: {
    gamma: number({ default: 0.1, minimum: 0, help: "bound on the sum of entropies, in nats" }),
    power: number({ default: 1, minimum: 0, help: "power of the confidence by which entropy is weighed" }),
  },
  commit(view, { gamma, power }, out) {
    const { entropy, confidence } = view;
    const [sure, rest] = certain(view, gamma);
    commitAll(sure, view, out);
    if (rest.length > 0)
      commitAll([bestOf(rest, (each) => entropy[each] * confidence[each] ** power)], view, out);
  },
});

export const localBound = decoder({
  name: "localBound",
  help: "An entropy bound on the positions within a distance of each other.",
  parameters: {
    gamma: number({ default: 0.1, minimum: 0, help: "bound on the sum of entropies, in nats" }),
    reach: integer({ default: 4, minimum: 1, maximum: 512, help: "the distance, in positions" }),
  },
  commit(view, { gamma, reach }, out) {
    const { open, entropy } = view;
    const chosen = [];
    for (const offset of open.toSorted((a, b) => entropy[a] - entropy[b])) {
      const near = chosen.filter((other) => Math.abs(other - offset) <= reach);
      if (near.reduce((sum, other) => sum + entropy[other], 0) <= gamma) chosen.push(offset);
    }
    commitAll(chosen, view, out);
  },
});
