/** The device decides as the host does: the same tokens in the same steps, for every built-in decoder. */
import type { Engine, GenerateRequest } from "../../src/core/index.ts";
import { decoders } from "../../src/core/index.ts";
import { commitsOf, type Run, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine } from "./suite.ts";

type Tasks = readonly { readonly prompt: string }[];

/** Parameters that make a decoder take some steps, and do what only it does. */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  fixed: { steps: 6 },
  random: { steps: 6 },
  margin: { steps: 6 },
  entropy: { steps: 6 },
  dreamSchedule: { steps: 6, order: "margin", algTemperature: 0.1 },
  linearSchedule: { steps: 6, order: "entropy", rounding: "kept" },
  quota: { steps: 6, threshold: 0.99 },
  threshold: { threshold: 0.97 },
  thresholdTopN: { threshold: 0.97, minimum: 2 },
  entropyBound: { gamma: 0.01 },
  klass: { steps: 8, historyLength: 1, klThreshold: 0.5 },
  hierarchical: { threshold: 0.97, low: 0.8 },
  credit: { threshold: 0.97 },
  edit: { threshold: 0.8, edit: 0.2 },
};

/** What goes with the decoders: caches that suit them all, sampling, and what only some allow. */
const settings = [
  { cache: { name: "none" } },
  { cache: { name: "none" }, temperature: 0.7, topK: 12, topP: 0.95, seed: 11 },
] as const;
const onlyTemperature = { cache: { name: "none" }, temperature: 0.7, seed: 11 };

/** Credit refuses filters, as it would raise again what they leave out. */
function settingOf(decoder: string, index: number) {
  const filtered = index % settings.length === 1;
  return filtered && decoder === "credit" ? onlyTemperature : settings[index % settings.length]!;
}

/** What the model would end at once, so that it is kept from its stop token. */
const longHoles = [
  ["cba", [0], { minimum: 5, maximum: 8 }],
  [[0], { minimum: 6, maximum: 6 }, " x ", { minimum: 5, maximum: 7 }],
] as const;

/** Prompts that are one batch. */
const together = 10;

function requestOf(decoder: string, index: number, prompt: string): GenerateRequest {
  return {
    messages: [{ role: "user", content: prompt }],
    genLength: 16,
    blockLength: 16,
    decoder: { name: decoder, ...parameters[decoder] },
    ...settingOf(decoder, index),
  };
}

function same(found: Run, expected: Run, prompt: string): void {
  equal(commitsOf(found.steps), commitsOf(expected.steps), `commits of ${prompt}`);
  equal(editsOf(found.steps), editsOf(expected.steps), `edits of ${prompt}`);
  equal(found.done.canvas, expected.done.canvas, `tokens of ${prompt}`);
  equal(found.done.usage.forwards, expected.done.usage.forwards, `forwards of ${prompt}`);
}

const editsOf = (steps: Run["steps"]) => steps.map(({ edits }) => [edits.positions, edits.tokens]);

export async function loopSuite(surroundings: Surroundings, prompts: number): Promise<Suite> {
  const tasks = await surroundings.json<Tasks>("tasks.json");
  const host = sharedEngine({ ...surroundings, loop: "host" }, surroundings.embeddedModel);
  const device = sharedEngine({ ...surroundings, loop: "device" }, surroundings.embeddedModel);
  const stride = Math.floor(tasks.length / prompts);
  const indices = Array.from({ length: prompts }, (_, index) => index);
  const groups = Array.from({ length: Math.ceil(prompts / together) }, (_, group) =>
    indices.slice(group * together, (group + 1) * together),
  );
  const compare = async (requests: readonly GenerateRequest[]): Promise<readonly Run[]> => {
    const runAll = (engine: Engine) => Promise.all(requests.map((request) => runToEnd(engine, request)));
    const expected = await runAll(await host.load());
    const found = await runAll(await device.load());
    for (const [index, run] of expected.entries()) same(found[index]!, run, `request ${index}`);
    return found;
  };
  const cases = decoders.flatMap(({ name }) =>
    groups.map((group) => ({
      name: `${name}, prompts ${group[0]} to ${group.at(-1)}`,
      run: async () => {
        await compare(group.map((index) => requestOf(name, index, tasks[index * stride]!.prompt)));
      },
    })),
  );
  cases.push({
    name: "holes with a least length",
    run: async () => {
      const runs = await compare(longHoles.map((infill) => ({ prompt: "reverse: abc", infill })));
      const lengths = runs.map(({ done }) => done.holes!.map(({ tokens }) => tokens.length));
      lengths.flat().forEach((length, hole) => {
        if (length < 5) throw new Error(`Hole ${hole} must have at least 5 tokens: found ${length}`);
      });
    },
  });
  const end = async () => {
    await host.end();
    await device.end();
  };
  return { name: "device against host", cases, end };
}
