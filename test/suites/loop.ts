/** The device decides as the host does: the same tokens in the same steps, for every built-in decoder that has a kernel. */
import { deviceDecodersOf } from "../../src/backends/gpu/deviceDecoders.ts";
import { shaderNames } from "../../src/backends/webgpu/shaderText.ts";
import type {
  Decoder,
  DiffusionError,
  Engine,
  GenerateRequest,
  TokenLogprobs,
} from "../../src/core/index.ts";
import { decoders } from "../../src/core/index.ts";
import { commitsOf, type Run, runToEnd } from "./run.ts";
import { equal, failure, near, type Suite, type Surroundings, sharedEngine } from "./suite.ts";

/** What the loop of the WebGPU backend has. */
const webgpuDecoders = deviceDecodersOf(shaderNames);

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
  leftPrefix: { threshold: 0.97 },
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

/** Made block-causal, with prompts of more than a block. */
const blockCausal = {
  genLength: 24,
  blockLength: 8,
  cache: { name: "block" },
  overrides: { maskBlock: 8, stopTokens: [103] },
  decoder: { name: "fixed", steps: 4 },
};
const longPrompts = ["reverse: abcdef ghi", "sort 3 1 2 9 8 7 4 6", "count to 9, and back"];

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

/** Decoders whose log-probabilities are compared: one that raises logits, one that edits, and plain ones beside them. */
const toldOf = [
  ["threshold", 3],
  ["credit", 2],
  ["edit", 20],
  ["fixed", 0],
] as const;

/** Of every token that was committed or edited: the same best tokens, and nearly the same numbers. */
function sameLogprobs(found: Run, expected: Run, prompt: string): void {
  const numbers = (steps: Run["steps"]) =>
    told(steps).flatMap(({ logprob, top }) => [logprob, ...top.map((each) => each.logprob)]);
  const tokens = (steps: Run["steps"]) => told(steps).map(({ top }) => top.map(({ token }) => token));
  equal(tokens(found.steps), tokens(expected.steps), `best tokens of ${prompt}`);
  near(numbers(found.steps), numbers(expected.steps), 1e-5, `log-probabilities of ${prompt}`);
}

/** In the order of the positions: decoders on the host commit in their own. */
function told(steps: Run["steps"]): readonly TokenLogprobs[] {
  return steps.flatMap((step) =>
    [step, step.edits].flatMap(({ positions, logprobs }) => {
      if (!logprobs || logprobs.length !== positions.length) {
        throw new Error(`Expected ${positions.length} log-probabilities, found ${logprobs?.length}`);
      }
      const order = [...positions.keys()].sort((a, b) => positions[a]! - positions[b]!);
      return order.map((index) => logprobs[index]!);
    }),
  );
}

const editsOf = (steps: Run["steps"]) => steps.map(({ edits }) => [edits.positions, edits.tokens]);

/** Requests of several blocks, so that rows of one batch are at different places: every cache, decoders with and without schedules. */
const ofSeveralBlocks: readonly Omit<GenerateRequest, "messages">[] = [
  { cache: { name: "none" }, decoder: { name: "threshold", threshold: 0.97 } },
  { cache: { name: "dual" }, decoder: { name: "fixed", steps: 5 }, blockLength: 4 },
  { cache: { name: "prefix", refreshEvery: 3 }, decoder: { name: "threshold", threshold: 0.9 } },
  { cache: { name: "vicinity", warmup: 3, left: 2, right: 4 }, decoder: { name: "credit", threshold: 0.97 } },
  { cache: { name: "vicinity", warmup: 1, refreshAtEntry: false }, decoder: { name: "entropyBound" } },
  { cache: { name: "dual", refreshAtEntry: false, refreshEvery: 3 }, decoder: { name: "fixed", steps: 4 } },
  { cache: { name: "none" }, decoder: { name: "edit", threshold: 0.8, edit: 0.2 }, earlyStop: false },
  { cache: { name: "none" }, decoder: { name: "dreamSchedule", steps: 20 }, blockLength: 6 },
  {
    cache: { name: "dual" },
    decoder: { name: "threshold", threshold: 0.95 },
    smoothing: {},
    subBlockLength: 4,
  },
  { cache: { name: "none" }, decoder: { name: "klass", steps: 6, historyLength: 1 }, cfgScale: 0.5 },
];

/** @param hasKernel whether the backend's loop has a decoder */
export async function loopSuite(
  surroundings: Surroundings,
  prompts: number,
  hasKernel = (decoder: string) => webgpuDecoders.has(decoder),
): Promise<Suite> {
  const tasks = await surroundings.json<Tasks>("tasks.json");
  const host = sharedEngine({ ...surroundings, loop: "host" }, surroundings.tinyModel);
  const device = sharedEngine({ ...surroundings, loop: "device" }, surroundings.tinyModel);
  const stride = Math.floor(tasks.length / prompts);
  const indices = Array.from({ length: prompts }, (_, index) => index);
  const groups = Array.from({ length: Math.ceil(prompts / together) }, (_, group) =>
    indices.slice(group * together, (group + 1) * together),
  );
  const runBoth = async (requests: readonly GenerateRequest[]) => {
    const runAll = (engine: Engine) => Promise.all(requests.map((request) => runToEnd(engine, request)));
    const expected = await runAll(await host.load());
    const found = await runAll(await device.load());
    for (const [index, run] of expected.entries()) same(found[index]!, run, `request ${index}`);
    return { found, expected };
  };
  const runsThere = ({ name, needs, lookAhead }: Decoder) =>
    hasKernel(name) && !needs?.includes("shadow") && !lookAhead;
  const withKernel = decoders.filter(runsThere);
  const without = decoders.filter((decoder) => !runsThere(decoder));
  const cases = withKernel.flatMap(({ name }) =>
    groups.map((group) => ({
      name: `${name}, prompts ${group[0]} to ${group.at(-1)}`,
      run: async () => {
        await runBoth(group.map((index) => requestOf(name, index, tasks[index * stride]!.prompt)));
      },
    })),
  );
  for (const { name } of without) {
    cases.push({
      name: `${name}, which has no kernel, is refused where the device must decide`,
      run: async () => {
        const engine = await device.load();
        const error = await failure(() => runToEnd(engine, requestOf(name, 0, tasks[0]!.prompt)));
        equal((error as DiffusionError).code, "unsupported", "code");
        await runToEnd(await host.load(), requestOf(name, 0, tasks[0]!.prompt));
      },
    });
  }
  cases.push({
    name: "holes with a least length",
    run: async () => {
      const { found: runs } = await runBoth(longHoles.map((infill) => ({ prompt: "reverse: abc", infill })));
      const lengths = runs.map(({ done }) => done.holes!.map(({ tokens }) => tokens.length));
      lengths.flat().forEach((length, hole) => {
        if (length < 5) throw new Error(`Hole ${hole} must have at least 5 tokens: found ${length}`);
      });
    },
  });
  cases.push({
    name: "from block to block, in one batch",
    run: async () => {
      const requests = ofSeveralBlocks.map((request, index) => ({
        messages: [{ role: "user", content: tasks[index % tasks.length]!.prompt }],
        genLength: 24,
        blockLength: 8,
        ...request,
      }));
      await runBoth(requests);
    },
  });
  cases.push({
    name: "log-probabilities",
    run: async () => {
      const { prompt } = tasks[0]!;
      const requests: GenerateRequest[] = toldOf.map(([decoder, topLogprobs], index) => {
        return { ...requestOf(decoder, index, prompt), topLogprobs };
      });
      // One that wants none, among those that do.
      requests.push(requestOf("threshold", 1, prompt));
      const { found, expected } = await runBoth(requests);
      requests.forEach(({ topLogprobs }, index) => {
        if (topLogprobs === undefined) {
          equal(
            found[index]!.steps.filter(({ logprobs }) => logprobs).length,
            0,
            "steps with log-probabilities",
          );
        } else sameLogprobs(found[index]!, expected[index]!, `request ${index}`);
      });
      const edits = found.flatMap(({ steps }) => steps.flatMap(({ edits }) => edits.positions));
      if (edits.length === 0) throw new Error("No token was edited");
    },
  });
  cases.push({
    name: "a prompt that is encoded first, sampled",
    run: async () => {
      const { found: runs } = await runBoth(
        longPrompts.map((prompt) => ({ ...blockCausal, prompt, temperature: 0.9, seed: 5 })),
      );
      if (!runs.every(({ done }) => done.usage.prefills > 0)) throw new Error("Nothing was encoded first");
    },
  });
  cases.push({
    name: "a budget of forwards",
    run: async () => {
      const budgets = [1, 2, 3, 5, 7].map((maxForwards) => ({
        ...blockCausal,
        prompt: longPrompts[0]!,
        maxForwards,
      }));
      const whole = { ...requestOf("fixed", 0, longPrompts[0]!), maxForwards: 4 };
      const { found: runs } = await runBoth([...budgets, whole]);
      equal(
        runs.map(({ done }) => done.usage.forwards),
        [1, 2, 3, 5, 7, 4],
        "forwards",
      );
    },
  });
  const end = async () => {
    await host.end();
    await device.end();
  };
  return { name: "device against host", cases, end };
}
