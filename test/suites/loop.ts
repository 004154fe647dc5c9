/** The device decides as the host does: the same tokens in the same steps, for every built-in decoder. */
import type { Choice } from "../../src/core/index.ts";
import { decoders } from "../../src/core/index.ts";
import { commitsOf, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine } from "./suite.ts";

type Tasks = readonly { readonly prompt: string }[];

/** Parameters that make a decoder take some steps, and do what only it does. */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  fixed: { steps: 6 },
  random: { steps: 6 },
  margin: { steps: 6 },
  entropy: { steps: 6 },
  dreamSchedule: { steps: 6, order: "margin", algTemperature: 0.1 },
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

export async function loopSuite(surroundings: Surroundings, prompts: number): Promise<Suite> {
  const tasks = await surroundings.json<Tasks>("tasks.json");
  const host = sharedEngine({ ...surroundings, loop: "host" }, surroundings.embeddedModel);
  const device = sharedEngine({ ...surroundings, loop: "device" }, surroundings.embeddedModel);
  const stride = Math.floor(tasks.length / prompts);
  const cases = decoders.map(({ name }) => ({
    name: `${name}, ${prompts} prompts`,
    run: async () => {
      const decoder: Choice = { name, ...parameters[name] };
      for (let index = 0; index < prompts; index++) {
        const messages = [{ role: "user", content: tasks[index * stride]!.prompt }] as const;
        const request = {
          messages,
          genLength: 16,
          blockLength: 16,
          decoder,
          ...settingOf(name, index),
        };
        const [expected, found] = [await host.load(), await device.load()].map((engine) =>
          runToEnd(engine, request),
        );
        const [one, other] = [await expected!, await found!];
        equal(commitsOf(other.steps), commitsOf(one.steps), `commits of ${JSON.stringify(messages)}`);
        const edits = (steps: typeof one.steps) =>
          steps.map((step) => [step.edits.positions, step.edits.tokens]);
        equal(edits(other.steps), edits(one.steps), "edits");
        equal(other.done.canvas, one.done.canvas, "tokens");
        equal(other.done.usage.forwards, one.done.usage.forwards, "forwards");
      }
    },
  }));
  const end = async () => {
    await host.end();
    await device.end();
  };
  return { name: "device against host", cases, end };
}
