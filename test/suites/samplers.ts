/** What the families' own code generates with their official samplers, on small random checkpoints: the same tokens. */
import { JsonField } from "../../src/cli/debug/jsonField.ts";
import {
  compareSamples,
  readSampleSets,
  type SampleCase,
  type SampleSet,
  sampleAll,
} from "../../src/cli/debug/sample.ts";
import { type Case, type Suite, type Surroundings, sharedEngine, suiteName } from "./suite.ts";

/** The models of the oracle that come with a generate.json. */
export const sampledModels = [
  ...["llada", "llada-gqa-tied", "llada2", "dream", "sdar", "sdar-moe"],
  ...["fast-dllm-v2", "rnd1", "a2d-qwen3-bd3lm", "qwen3-causal"],
];

/** Which cases of a set are run; `seen` tells whether a sampler has had its turn. */
export type ChooseCases = (set: SampleSet, seen: boolean) => readonly SampleCase[];

export const everyCase: ChooseCases = ({ cases }) => cases;
/** The one with the shortest prompt, of the first set of each sampler. */
export const oneCase: ChooseCases = ({ cases }, seen) =>
  seen ? [] : [...cases].sort((a, b) => a.request.tokens.length - b.request.tokens.length).slice(0, 1);

export async function samplerSuite(surroundings: Surroundings, choose: ChooseCases): Promise<Suite> {
  const cases: Case[] = [];
  const ends: (() => Promise<void>)[] = [];
  const seen = new Set<unknown>();
  for (const model of sampledModels) {
    const file = await surroundings.json<unknown>(`models/${model}/generate.json`);
    const { load, end } = sharedEngine(surroundings, surroundings.model(model));
    ends.push(end);
    for (const set of readSampleSets(new JsonField(`${model}/generate.json`, "", file))) {
      const chosen = { ...set, cases: choose(set, seen.has(set.sampler)) };
      seen.add(set.sampler);
      if (chosen.cases.length === 0) continue;
      cases.push({
        name: `${model}, set ${set.name}`,
        run: async () => {
          const { compared, first } = compareSamples(chosen, await sampleAll(await load(), chosen));
          if (compared < chosen.cases.length) throw new Error("The file lacks an answer");
          if (!first) return;
          const { index, position, expected, found } = first;
          throw new Error(`Case ${index}, token ${position}: expected ${expected}, found ${found}`);
        },
      });
    }
  }
  const end = async () => {
    for (const each of ends) await each();
  };
  return { name: suiteName("official samplers", surroundings), cases, end };
}
