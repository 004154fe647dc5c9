/**
 * Decoders against a second definition, as plain as possible: sets in place of scans and sparse
 * lists. A decoder may do without one: the properties that all must have are in properties.test.ts.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BlockView, type Decoder, decoders } from "../../src/core/decode/index.ts";
import { torchTopK } from "../../src/core/decode/torchTopK.ts";
import { blockCase, blockOf, parametersOf, rowOf } from "../support/decoderArbitraries.ts";
import { same } from "../support/same.ts";

const { fround } = Math;

const ascending = (offsets: readonly number[]) => [...offsets].sort((a, b) => a - b);

type Values = Readonly<Record<string, number>>;
/** The offsets of one step, in any order; `memory` is the block's. */
type Definition = (view: BlockView, values: Values, memory: Map<number, number[]>) => readonly number[];

/** Offsets by rank: how many others are better, or as good and further left. */
function best(view: BlockView, count: number, score: (offset: number) => number): readonly number[] {
  const scores = view.open.map(score);
  const rank = (own: number, at: number) =>
    scores.filter((other, index) => other > own || (other === own && index < at)).length;
  return view.open.filter((_, index) => rank(scores[index]!, index) < count);
}

/** How many positions an equal share is: n_t of LLaDA; steps beyond the last take a whole share, less any rest. */
function equalShare({ openAtStart, step }: BlockView, { steps }: Values): number {
  const counts = new Array<number>(steps!).fill(0);
  for (let position = 0; position < openAtStart; position++) counts[position % steps!]!++;
  return Math.max(counts[Math.min(step, steps!)] ?? Math.min(...counts), 1);
}

/** The best `count` for the largest count up to which all of them pass. */
function prefix(
  view: BlockView,
  score: (o: number) => number,
  passes: (offsets: readonly number[]) => boolean,
) {
  let count = 1;
  while (count < view.open.length && passes(best(view, count + 1, score))) count++;
  return count;
}

const definitions: Readonly<Record<string, Definition>> = {
  fixed: (view, values) => {
    const count = equalShare(view, values);
    if ((values["ties"] as unknown) !== "torch") return best(view, count, (o) => view.confidence[o]!);
    // Tested against the algorithms that it follows; here, that it sees the whole sequence.
    const { start, length, sequenceLength } = view;
    const scores = Array.from({ length: sequenceLength }, (_, position) => {
      const offset = position - start;
      return offset < length && view.open.includes(offset) ? view.confidence[offset]! : -Infinity;
    });
    return torchTopK(scores, Math.min(count, view.open.length)).map((position) => position - start);
  },
  random: (view, values) => best(view, equalShare(view, values), view.random),
  margin: (view, values) =>
    best(view, equalShare(view, values), (o) =>
      fround(view.bestProbability[o]! - view.secondProbability[o]!),
    ),
  entropy: (view, values) => best(view, equalShare(view, values), (o) => -view.entropy[o]!),
  threshold: (view, { threshold }) => {
    const highest = Math.max(...view.open.map((o) => view.confidence[o]!));
    const bound = Math.min(fround(threshold!), fround(highest - fround(1e-5)));
    return view.open.filter((o) => view.confidence[o]! >= bound);
  },
  thresholdTopN: (view, { threshold, minimum }) => {
    const above = view.open.filter((o) => view.confidence[o]! > fround(threshold!));
    return above.length < minimum! ? best(view, minimum!, (o) => view.confidence[o]!) : above;
  },
  factor: (view, { factor, reference }) => {
    const sure = (o: number) => view.confidence[o]!;
    const count = prefix(view, sure, (offsets) => {
      const least = Math.min(...offsets.map(sure));
      const bound = fround(1 - factor! / (offsets.length + 1));
      return reference ? least >= bound : least > bound;
    });
    const all = reference && count === view.open.length - 1;
    return best(view, all ? count + 1 : count, sure);
  },
  entropyBound: (view, values) => {
    const { gamma, inclusive, rounds } = values;
    const byEntropy = (values["order"] as unknown) === "entropy";
    const score = (o: number) => (byEntropy ? -view.entropy[o]! : view.confidence[o]!);
    if (rounds !== null && view.step === rounds! - 1) return view.open;
    const count = prefix(view, score, (offsets) => {
      const ranked = [...offsets].sort((a, b) => score(b) - score(a) || a - b);
      const [others, largest] = ranked
        .map((o) => view.entropy[o]!)
        .reduce(([sum, most], own) => [fround(sum! + Math.min(most!, own)), Math.max(most!, own)], [0, 0]);
      return inclusive ? fround(others! + largest!) < fround(gamma!) : others! <= fround(gamma!);
    });
    return best(view, count, score);
  },
  lookAhead: (view, { gamma }) => {
    const bound = { gamma, inclusive: false, order: "entropy", rounds: null } as unknown as Values;
    return definitions["entropyBound"]!(view, bound, new Map());
  },
  leftPrefix: (view, { threshold }) =>
    view.open.filter((own) =>
      view.open.every((o) => o > own || o === view.open[0] || !(view.confidence[o]! < fround(threshold!))),
    ),
  // The matrix of edges, and the set that grows by the first position, in order, without an edge to it.
  independent: (view, { edge }) => {
    const set: number[] = [];
    const isFree = (o: number) =>
      set.every((own) =>
        [view.coupling(o, own), view.coupling(own, o)].every((attention) =>
          [o, own].some((each) => attention * view.entropy[each]! <= edge!),
        ),
      );
    const ranks = [...view.open.keys()].map((rank) => [...best(view, rank + 1, (o) => -view.entropy[o]!)]);
    ranks.forEach((first, rank) => {
      const next = first.find((o) => rank === 0 || !ranks[rank - 1]!.includes(o))!;
      if (isFree(next)) set.push(next);
    });
    return set;
  },
  dawn: (view, { threshold, induced, low, edge, sink }) => {
    const rows = [...view.open, ...view.known];
    const attention = new Map(rows.map((i) => [i, new Map(rows.map((j) => [j, view.coupling(i, j)]))]));
    for (const j of rows) {
      const total = [...rows].reduce((sum, i) => sum + attention.get(i)!.get(j)!, 0);
      for (const i of rows) if (i === j || total > sink! * rows.length) attention.get(i)!.set(j, Number.NaN);
    }
    const edgeFrom = (j: number, i: number) => attention.get(i)!.get(j)! >= edge!;
    const above = (bound: number) => view.open.filter((o) => view.confidence[o]! >= fround(bound));
    const first = new Set(above(threshold!));
    for (const j of view.known.filter((o) => view.bestProbability[o]! >= fround(threshold!)))
      for (const i of above(induced!)) if (edgeFrom(j, i)) first.add(i);
    let left = above(low!).filter((i) => !first.has(i) && ![...first].some((j) => edgeFrom(j, i)));
    const third: number[] = [];
    while (left.length > 0) {
      const most = Math.max(...left.map((o) => view.confidence[o]!));
      const next = left.find((o) => view.confidence[o] === most)!;
      third.push(next);
      left = left.filter((o) => o !== next && !edgeFrom(o, next) && !edgeFrom(next, o));
    }
    const all = [...first, ...third];
    return all.length > 0 ? all : best(view, 1, (o) => view.confidence[o]!);
  },
  quota: (view, values) => {
    const { steps, threshold } = values;
    const shares = new Array<number>(steps!).fill(0);
    for (let position = 0; position < view.length; position++) shares[position % steps!]!++;
    const count = Math.max(shares[view.step] ?? Math.floor(view.length / steps!), 1);
    if ((values["order"] as unknown) === "position") return view.open.slice(0, count);
    const above = threshold === null ? [] : view.open.filter((o) => view.confidence[o]! > fround(threshold!));
    return above.length >= count ? above : best(view, count, (o) => view.confidence[o]!);
  },
  linearSchedule: (view, values) => {
    const steps = values["steps"]!;
    const keeps = (values["rounding"] as unknown) === "kept";
    // All of the block's steps, those to which nothing falls too.
    const shares: number[] = [];
    for (let left = view.openAtStart, j = 1; j <= steps; j++) {
      const u = (step: number) => fround(1 - fround(1 - fround((steps - step) / steps)));
      const exact = fround(left * fround(1 - fround(u(j) / u(j - 1))));
      const near =
        Math.abs(exact - Math.trunc(exact)) === 0.5 ? 2 * Math.round(exact / 2) : Math.round(exact);
      const stay = Math.floor(fround(view.openAtStart * fround((steps - j) / steps)));
      shares.push(j === steps ? left : keeps ? Math.max(left - stay, 0) : Math.min(near, left));
      left -= shares.at(-1)!;
    }
    const count = shares.filter((share) => share > 0)[view.step]!;
    const byEntropy = (values["order"] as unknown) === "entropy";
    return best(view, count, (o) => (byEntropy ? -view.entropy[o]! : view.confidence[o]!));
  },
  klass: (view, values, memory) => {
    const { historyLength, threshold, klThreshold } = values;
    const ready = view.open.filter((o) => {
      const history = [...(memory.get(o) ?? []), view.divergence[o]!];
      memory.set(o, history);
      const last = history.slice(-historyLength!);
      const still = last.length === historyLength && last.every((value) => value < fround(klThreshold!));
      return still && view.confidence[o]! > fround(threshold!);
    });
    return ready.length > 0 ? ready : best(view, equalShare(view, values), (o) => view.confidence[o]!);
  },
  hierarchical: (view, { threshold, low }) => {
    const runs: number[][] = [];
    for (const offset of view.open) {
      if (runs.at(-1)?.at(-1) === offset - 1) runs.at(-1)!.push(offset);
      else runs.push([offset]);
    }
    const sure = (o: number) => view.confidence[o]!;
    const peaks = runs.flatMap((run) => {
      const highest = Math.max(...run.map(sure));
      return run.filter((o) => sure(o) === highest && highest > fround(low!));
    });
    const above = threshold === null ? [] : view.open.filter((o) => sure(o) > fround(threshold!));
    return [...new Set([...peaks, ...above, ...best(view, 1, sure)])];
  },
  dreamSchedule: (view, values) => {
    const { steps, eps, algTemperature } = values;
    const order = values["order"] as unknown as "probability" | "margin" | "entropy";
    // torch.linspace(1, eps, steps + 1): the second half is counted from the end.
    const stride = fround(fround(fround(eps!) - 1) / steps!);
    const times = Array.from({ length: steps! + 1 }, (_, index) =>
      index < Math.floor((steps! + 1) / 2)
        ? fround(1 + fround(stride * index))
        : fround(fround(eps!) - fround(stride * (steps! - index))),
    );
    const open = view.open.length;
    const share = fround(1 - fround(times[view.step + 1]! / times[view.step]!));
    const count = view.step === steps! - 1 ? open : Math.trunc(fround(open * share));
    const scores = {
      probability: (o: number) => view.confidence[o]!,
      margin: (o: number) => fround(view.bestProbability[o]! - view.secondProbability[o]!),
      entropy: (o: number) => -view.entropy[o]!,
    };
    const noise = (o: number) => algTemperature! * -Math.log(-Math.log(view.random(o)));
    return best(view, count, (o) => scores[order](o) + (algTemperature! > 0 ? noise(o) : 0));
  },
  wino: (view, { threshold, capFraction, capMinimum, capMaximum }) => {
    let cap = Math.floor(capFraction! * view.open.length);
    if (cap < capMinimum!) cap = capMinimum!;
    if (cap > capMaximum!) cap = capMaximum!;
    const above = view.open.filter((o) => view.confidence[o]! > fround(threshold!)).length;
    return best(view, above === 0 ? 1 : Math.min(above, cap), (o) => view.confidence[o]!);
  },
  edit: (view, { threshold }) => {
    const above = view.open.filter((o) => view.confidence[o]! > fround(threshold!));
    return above.length > 0 ? above : best(view, 1, (o) => view.confidence[o]!);
  },
};

/** What 'wino' revokes: positions by rank among those in doubt, fewer than the step before committed, which `memory` holds. */
function doubtedBy(
  view: BlockView,
  { verify }: Readonly<Record<string, unknown>>,
  memory: Map<number, number[]>,
  commits: number,
): readonly number[] {
  const [before = 0] = memory.get(-1) ?? [];
  memory.set(-1, [commits]);
  if (commits === 1) return [];
  const doubt = (o: number) => view.shadowProbability[o]!;
  const doubted = view.known.filter((o) => doubt(o) < fround(Number(verify)));
  const rank = (own: number) =>
    doubted.filter((o) => doubt(o) < doubt(own) || (doubt(o) === doubt(own) && o < own)).length;
  return doubted.filter((o) => rank(o) < before - 1);
}

test("every definition is of a decoder", () => {
  expect(decoders.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(definitions)));
});

const defined = decoders.filter(({ name }) => Object.hasOwn(definitions, name));
test.each(defined.map((decoder) => [decoder.name, decoder] as const))("%s", (name, decoder: Decoder) => {
  const temperature = fc.constantFrom(0, 0, 0, 0.7);
  const property = fc.property(parametersOf(decoder), blockCase, temperature, (parameters, value, heat) => {
    const block = blockOf(decoder, parameters, value, heat);
    const memory = new Map<number, number[]>();
    while (!block.finished) {
      const { step } = block;
      const rows = (offset: number) => rowOf(value, offset, step);
      const view = block.view(rows);
      const wanted = definitions[name]!(view, parameters as unknown as Values, memory);
      const { commits, edits, revoked, branches } = block.apply(rows);
      const left = name === "lookAhead" ? view.open.filter((o) => !wanted.includes(o)) : [];
      const { branches: most = 0 } = parameters as unknown as Values;
      same(
        ascending(branches.map(({ offset }) => offset)),
        left.length > 1 ? best({ ...view, open: left }, most, (o) => view.confidence[o]!) : [],
        "branches",
      );
      same(
        ascending(revoked),
        name === "wino" ? doubtedBy(view, parameters, memory, commits.length) : [],
        "revoked",
      );
      const found = commits.map(({ offset }) => offset);
      same(ascending(found), ascending(wanted), "commits");
      for (const { offset, token, confidence } of [...commits, ...edits, ...branches]) {
        if (token !== view.token[offset] || confidence !== view.confidence[offset]) {
          throw new Error(`Offset ${offset} was given token ${token} with ${confidence}`);
        }
      }
      const bound = parameters["edit"];
      const doubted = view.known.filter(
        (o) => view.token[o] !== view.current[o] && view.confidence[o]! > fround(Number(bound)),
      );
      const edited = name === "edit" && bound !== null ? doubted : [];
      const offsets = edits.map(({ offset }) => offset);
      same(offsets, edited, "edits");
      if (view.open.length === 0 && edits.length === 0) same(block.finished, true, "finished");
    }
  });
  fc.assert(property, { numRuns: 1000, seed: 2 });
});
