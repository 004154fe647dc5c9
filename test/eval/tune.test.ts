/** The search for presets on scripted objectives: no model, and a clock that only evaluations advance. */
import { describe, expect, test } from "vitest";
import { suitsDecoder } from "../../src/core/cache/policy.ts";
import { cachePolicies, DiffusionError, decoders, referencePolicies } from "../../src/core/index.ts";
import type { EvalRecord } from "../../src/eval/record.ts";
import { normalBelow, pairedRates } from "../../src/eval/statistics.ts";
import { candidateOf, proposals } from "../../src/eval/tune/propose.ts";
import type { Entrant } from "../../src/eval/tune/race.ts";
import { seededRandom } from "../../src/eval/tune/random.ts";
import { best } from "../../src/eval/tune/ranking.ts";
import { notes } from "../../src/eval/tune/report.ts";
import { scaleOf } from "../../src/eval/tune/scale.ts";
import { type Phase, type SearchOptions, search } from "../../src/eval/tune/search.ts";
import { type Candidate, nameOf, type Settings } from "../../src/eval/tune/settings.ts";
import { drawSettings, spaceOf, varySettings, withPassesOf } from "../../src/eval/tune/space.ts";
import { taskOrder } from "../../src/eval/tune/taskOrder.ts";
import { choose, kindLosses } from "../../src/eval/tune/verdict.ts";

const info = { maskBlock: Infinity, defaults: { genLength: 128, blockLength: 32, threshold: 0.9 } };
const caches = cachePolicies.filter((policy) => !referencePolicies.includes(policy));
const space = spaceOf(decoders, caches, info);
const allowed = { overall: 0.01, perKind: 0.02 };
const stale = caches.find(({ name }) => name === "dual")!;
const baseline = candidateOf({ decoder: { name: "fixed", steps: 32 }, blockLength: 32 });

/** Larger blocks and gammas are faster; above gamma 0.2, half of the hard tasks fail. Other decoders are slow or wrong. */
function script({ decoder, ...rest }: Settings, task: number): { right: boolean; forwards: number } {
  const blockLength = rest.blockLength ?? 32;
  if (decoder.name !== "entropyBound")
    return { right: task % 3 > 0 || decoder.name === "fixed", forwards: 60 };
  const gamma = Number(decoder["gamma"]);
  const forwards = Math.max(1, (100 / blockLength) * (1 + 1 / (1 + 20 * Math.min(gamma, 1))));
  return { right: gamma <= 0.2 || task % 4 > 0, forwards };
}

function recordOf(fields: Partial<EvalRecord>): EvalRecord {
  return {
    configuration: "",
    of: "",
    task: 0,
    kind: "",
    right: true,
    text: "",
    completionTokens: 1,
    forwards: 1,
    rows: 1,
    decodeMs: 1,
    ...fields,
  };
}

interface Scripted {
  readonly budgetMs: number;
  readonly seed?: number;
  readonly jobs?: number;
  readonly taskCount?: number;
}

async function scripted(
  { budgetMs, seed = 0, jobs = 1, taskCount = 200 }: Scripted,
  more: Partial<SearchOptions> = {},
) {
  const random = seededRandom(seed);
  const tasks = Array.from({ length: taskCount }, (_, index) => ({ kind: index % 2 ? "odd" : "even" }));
  const order = taskOrder(tasks, random);
  const ran: string[] = [];
  let clock = 0;
  let lastStart = 0;
  const run = async (candidate: Candidate, task: number): Promise<EvalRecord> => {
    lastStart = clock;
    const { right, forwards } = script(candidate.request, task);
    clock += forwards;
    ran.push(`${candidate.name}\n${task}`);
    const kind = tasks[task]!.kind;
    return recordOf({
      configuration: candidate.name,
      task,
      kind,
      right,
      completionTokens: 60,
      forwards,
      decodeMs: forwards,
    });
  };
  const finding = await search({
    baseline,
    propose: proposals(space, [], random),
    order,
    run,
    jobs,
    elapsedMs: () => clock,
    signal: new AbortController().signal,
    budgetMs,
    allowed,
    firstCount: 6,
    onPhase() {},
    ...more,
  });
  return { finding, ran, clock, lastStart };
}

describe("the search", () => {
  test("finds the best known within five percent, and nothing that loses too much", async () => {
    for (const seed of [0, 1, 2]) {
      const { finding } = await scripted({ budgetMs: 200_000, seed });
      const [best] = choose(finding, allowed);
      const { decoder } = best.candidate.request;
      expect(decoder.name).toBe("entropyBound");
      expect(Number(decoder["gamma"])).toBeLessThanOrEqual(0.2);
      const known = script({ decoder: { name: "entropyBound", gamma: 0.2 }, blockLength: 128 }, 0).forwards;
      expect(script(best.candidate.request, 0).forwards).toBeLessThanOrEqual(1.05 * known);
    }
  });

  test("is determined by its seed, and does not depend on the number of jobs", async () => {
    const first = await scripted({ budgetMs: 100_000, seed: 5 });
    const again = await scripted({ budgetMs: 100_000, seed: 5 });
    expect(again.ran).toEqual(first.ran);
    expect((await scripted({ budgetMs: 100_000, seed: 6 })).ran).not.toEqual(first.ran);
    const parallel = await scripted({ budgetMs: 100_000, seed: 5, jobs: 3 });
    expect(new Set(parallel.ran.slice(0, 300))).toEqual(new Set(first.ran.slice(0, 300)));
  });

  test("runs nothing twice, and starts nothing after the budget", async () => {
    for (const budgetMs of [50_000, 65_000]) {
      const { ran, clock, lastStart } = await scripted({ budgetMs });
      expect(new Set(ran).size).toBe(ran.length);
      expect(lastStart).toBeLessThan(budgetMs);
      expect(clock).toBeLessThanOrEqual(budgetMs + 100);
    }
  });

  test("ends before the budget when all finalists have run all tasks", async () => {
    const only = [candidateOf({ decoder: { name: "entropyBound", gamma: 0.1 }, blockLength: 64 })];
    const propose = (generation: number) => (generation === 0 ? only : []);
    const { finding, ran } = await scripted({ budgetMs: 1e9, taskCount: 20 }, { propose });
    expect([finding.count, ran.length]).toEqual([20, 40]);
    expect(choose(finding, allowed)[0].candidate).toBe(only[0]);
  });

  test("compares the finalists on the tasks that the search kept back", async () => {
    const only = [candidateOf({ decoder: { name: "entropyBound", gamma: 0.1 }, blockLength: 64 })];
    const propose = (generation: number) => (generation === 0 ? only : []);
    const { finding, ran } = await scripted({ budgetMs: 1e9, taskCount: 200 }, { propose });
    const [finalist] = finding.finalists;
    expect([finding.count, ran.length]).toEqual([100, 400]);
    const ofSearch = new Set(ran.slice(0, 96).map((each) => Number(each.split("\n")[1])));
    for (const { records } of [finding.baseline, finalist!]) {
      expect(records).toHaveLength(100);
      for (const each of records) expect(ofSearch).not.toContain(each!.task);
    }
  });

  test("goes on until the last comparison needs the rest of the budget", async () => {
    const budgetMs = 200_000;
    const phases: Phase[] = [];
    const { finding, clock } = await scripted({ budgetMs }, { onPhase: (phase) => phases.push(phase) });
    // The last comparison needs far less than the 40 % that are set aside for it at most.
    expect(clock).toBeGreaterThan(0.85 * budgetMs);
    expect(phases.at(-1)!.generation).toBeUndefined();
    expect(finding.count).toBe(100);
  });

  test("fails with a budget that is over before the first comparison", async () => {
    await expect(scripted({ budgetMs: 100 })).rejects.toThrow(/must last for a comparison on 6 tasks/);
  });

  test("leaves out what the engine refuses, unless it is the baseline", async () => {
    const refusing = (refused: Candidate) => async (candidate: Candidate, task: number) => {
      if (candidate === refused) throw new DiffusionError("invalid-request", "Cannot do this");
      const result = script(candidate.request, task);
      return recordOf({ task, ...result });
    };
    const two = [0.1, 0.2].map((gamma) => candidateOf({ decoder: { name: "entropyBound", gamma } }));
    const propose = (generation: number) => (generation === 0 ? two : []);
    const { finding } = await scripted({ budgetMs: 1e6 }, { propose, run: refusing(two[0]!) });
    expect(finding.finalists.map(({ candidate }) => candidate)).toEqual([two[1]]);
    expect(finding.entrants.map(({ refused }) => refused)).toEqual(["Cannot do this", undefined]);
    await expect(scripted({ budgetMs: 1e6 }, { run: refusing(baseline) })).rejects.toThrow("Cannot do this");
  });

  test("chooses nothing that loses more on a kind than is allowed there, and names the kinds", async () => {
    // With gammas above 0.2, every fourth task is wrong: all of them are even.
    const wrong = candidateOf({ decoder: { name: "entropyBound", gamma: 0.4 }, blockLength: 64 });
    const lenient = { overall: 1, perKind: 0.02 };
    const { finding } = await scripted(
      { budgetMs: 1e6, taskCount: 40 },
      { propose: (generation) => (generation === 0 ? [wrong] : []), allowed: lenient },
    );
    const loss = { kind: "even", tasks: 20, right: 10, baselineRight: 20 };
    expect(kindLosses(finding, finding.finalists[0]!, lenient)).toEqual([loss]);
    expect(choose(finding, lenient)[0].candidate).toBe(baseline);
    const chosen = { quality: finding.baseline, balanced: finding.baseline, speed: finding.baseline };
    expect(notes(finding, chosen, lenient)).toContain(
      `${wrong.name}: no preset, as it loses over 2.0 points on 'even': 10 of 20 right, the baseline 20`,
    );
    expect(choose(finding, { overall: 1, perKind: 0.5 })[0].candidate).toBe(wrong);
  });
});

test("a faster candidate is kept beside any number of safer ones, and a hopeless one is not", () => {
  const entrant = (gamma: number, forwards: number, wrong: (task: number) => boolean): Entrant => ({
    candidate: candidateOf({ decoder: { name: "entropyBound", gamma } }),
    records: Array.from({ length: 200 }, (_, task) =>
      recordOf({ task, kind: `${task % 10}`, right: !wrong(task), forwards, decodeMs: forwards }),
    ),
  });
  const base = entrant(0, 64, () => false);
  const safe = Array.from({ length: 20 }, (_, index) => entrant(0.01 * (index + 1), 2.3, () => false));
  const faster = entrant(1, 1.9, (task) => task < 2);
  const hopeless = entrant(2, 1, (task) => task % 10 === 0 && task < 100);
  const options = { baseline: base, count: 200, lastCount: 200, allowed };
  const kept = best([...safe, faster, hopeless], 8, options);
  expect(kept).toHaveLength(8);
  expect(kept).toContain(faster);
  expect(kept).not.toContain(hopeless);
});

test("one wrong answer of a kind is no evidence of a loss, unless nothing may be lost", () => {
  const entrant = (wrong: number) => ({
    candidate: candidateOf({ decoder: { name: "entropyBound", gamma: 0.1 } }),
    records: Array.from({ length: 20 }, (_, task) => recordOf({ task, right: task >= wrong })),
  });
  const losses = (wrong: number, perKind: number) =>
    kindLosses({ baseline: entrant(0), finalists: [], count: 20, entrants: [] }, entrant(wrong), { perKind });
  expect(losses(1, 0.02)).toEqual([]);
  expect(losses(1, 0)).toHaveLength(1);
  expect(losses(2, 0.02)).toHaveLength(1);
  expect(losses(2, 0.1)).toEqual([]);
});

describe("the space", () => {
  test("has settings that their declarations accept, of every decoder", () => {
    const random = seededRandom(3);
    for (const decoder of decoders) {
      for (let draw = 0; draw < 30; draw++) {
        const drawn = drawSettings(space, decoder, random.next(), random);
        for (const { decoder: own, cache, blockLength } of [drawn, varySettings(space, drawn, 0.2, random)]) {
          expect(own.name).toBe(decoder.name);
          expect([8, 16, 32, 64, 128]).toContain(blockLength);
          expect(caches.map(({ name }) => name)).toContain(cache?.name ?? "none");
          if (!suitsDecoder(stale, decoder)) expect(cache).toBeUndefined();
        }
      }
    }
  });

  test("has only decoders that can decide by the passes of one of its caches", () => {
    const small = spaceOf(decoders, [stale], info);
    expect(small.decoders.map(({ name }) => name)).toEqual(
      decoders.filter((decoder) => suitsDecoder(stale, decoder)).map(({ name }) => name),
    );
    const random = seededRandom(4);
    for (const decoder of small.decoders)
      expect(drawSettings(small, decoder, random.next(), random).cache?.name).toBe(stale.name);
  });

  test("gives decoders with couplings no larger blocks than they can decide", () => {
    const large = spaceOf(decoders, caches, { ...info, defaults: { ...info.defaults, genLength: 1024 } });
    const random = seededRandom(5);
    for (const decoder of large.decoders) {
      let drawn = drawSettings(large, decoder, 0.5, random);
      const lengths = [drawn.blockLength!];
      for (let step = 0; step < 50; step++) {
        drawn = varySettings(large, drawn, 0.2, random);
        lengths.push(drawn.blockLength!);
      }
      const other = drawSettings(large, large.decoders[0]!, 0.5, random);
      lengths.push(withPassesOf(large, drawn, { ...other, blockLength: 1024 }).blockLength!);
      const isCoupled = decoder.needs?.includes("couplings") ?? false;
      expect(Math.max(...lengths)).toBe(isCoupled ? 256 : 1024);
    }
  });

  test("leaves the blocks of a block-causal model to its mask", () => {
    const causal = spaceOf(decoders, caches, { ...info, maskBlock: 32 });
    expect([causal.blockLengths, causal.caches.map(({ name }) => name)]).toEqual([[], ["block", "subBlock"]]);
  });

  test("scales parameters around their defaults", () => {
    const parameterOf = (decoder: string, name: string) => {
      const parameter = decoders.find((each) => each.name === decoder)!.parameters[name]!;
      if (parameter.kind !== "number") throw new Error("not a number");
      return parameter;
    };
    const gamma = scaleOf(parameterOf("entropyBound", "gamma"));
    expect([0, 0.5, 1].map(gamma.valueAt)).toEqual([0.0031, 0.1, 3.2]);
    expect(gamma.placeOf(0.1)).toBeCloseTo(0.5, 9);
    const threshold = scaleOf(parameterOf("threshold", "threshold"));
    expect([0, 0.5, 1].map(threshold.valueAt)).toEqual([0.31, 0.9, 0.9945]);
    const steps = scaleOf(parameterOf("fixed", "steps"));
    expect([0, 0.5, 1].map(steps.valueAt)).toEqual([4, 35, 256]);
  });

  test("names settings by all that they set", () => {
    const settings = {
      decoder: { name: "factor", factor: 2 },
      cache: { name: "dual", refreshEvery: 4 },
      smoothing: {},
      blockLength: 64,
    };
    expect(nameOf(settings)).toBe("factor factor 2, dual refreshEvery 4, smoothing, blockLength 64");
  });
});

test("every prefix of the order of tasks has the kinds in proportion", () => {
  const tasks = Array.from({ length: 90 }, (_, index) => ({ kind: index < 60 ? "many" : "few" }));
  const order = taskOrder(tasks, seededRandom(1));
  expect(order.toSorted((a, b) => a - b)).toEqual([...tasks.keys()]);
  for (const count of [9, 30, 60]) {
    const many = order.slice(0, count).filter((index) => index < 60).length;
    expect(Math.abs(many - (2 / 3) * count)).toBeLessThanOrEqual(2);
  }
});

test("paired rates have an interval even if all pairs agree", () => {
  const all = Array.from({ length: 10 }, () => true);
  const { value, low, high } = pairedRates(all, all);
  expect(value).toBe(0);
  // (0.5 + 0.5) ^ 0.5 / 12 times 1.96.
  expect(high).toBeCloseTo(0.16333, 4);
  expect(low).toBeCloseTo(-high, 12);
  expect(pairedRates([false, ...all], [true, ...all]).value).toBeCloseTo(-1 / 13, 12);
  expect(normalBelow(1.959964)).toBeCloseTo(0.975, 6);
  expect(normalBelow(-1)).toBeCloseTo(0.158655, 5);
});
