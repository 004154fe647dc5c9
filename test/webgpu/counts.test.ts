/** What a step costs the device, counted: dispatches, submissions, maps and their bytes, and objects made. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportEntryLayout, rowStateLayout, statisticsLayout } from "../../src/backends/layout/index.ts";
import { webgpu } from "../../src/backends/webgpu/index.ts";
import {
  Engine,
  type GenerateRequest,
  type LoadOptions,
  type LoadProgress,
  type ModelSource,
} from "../../src/core/index.ts";
import {
  type CountedDevice,
  countingDevice,
  type DeviceCounts,
  makeDevice,
} from "../support/countingDevice.ts";
import { filesOnDisk } from "../support/surroundings.ts";

let counted: CountedDevice;
beforeAll(async () => {
  counted = countingDevice(await makeDevice());
});
afterAll(() => counted.device.destroy());

const models: Readonly<Record<string, ModelSource>> = {
  llada: filesOnDisk.model("llada"),
  tiny: filesOnDisk.tinyModel,
};
type Options = Pick<LoadOptions, "decodeLoop" | "stepsPerSubmission">;

const blockLength = 16;
/** Bytes of the report of a row whose decoder does not edit. */
const reportBytes = 4 * (rowStateLayout.words + reportEntryLayout.words * blockLength);
/** Steps that a block is expected to take are 2 at first: see core/engine/schedule/submission.ts. */
const firstSteps = 2;
const submissions = (k: number) => 1 + Math.ceil((blockLength - Math.min(k, firstSteps)) / k);
/** One position a step, no cache, no smoothing: each step is one pass of one shape. */
const oneByOne = (length: number): GenerateRequest => ({
  tokens: [5, 17, 42, 8],
  genLength: length,
  blockLength: length,
  cache: { name: "none" },
  decoder: { name: "fixed", steps: length },
});
const plain = oneByOne(blockLength);
const shortBlock = 4;
/** For what does not depend on the number of steps. */
const shortLength = 8;
const short = oneByOne(shortLength);

interface Counted extends DeviceCounts {
  readonly steps: number;
  readonly forwards: number;
  readonly dispatchesOf: ReadonlyMap<string, number>;
  readonly made: readonly string[];
}

/** What a generation counts, after one of the same kind has made what is made once. */
async function count(source: ModelSource, options: Options, request: GenerateRequest): Promise<Counted> {
  const backend = webgpu({ device: async () => counted.device });
  const engine = await Engine.load(source, { backend, ...options });
  const run = async () => {
    let steps = 0;
    let forwards = 0;
    for await (const event of engine.generate(request)) {
      if (event.type === "step") steps++;
      if (event.type === "done") ({ forwards } = event.usage);
    }
    return { steps, forwards };
  };
  await run();
  counted.lap();
  const ran = await run();
  const names = { dispatchesOf: new Map(counted.dispatchesOf), made: [...counted.made] };
  const all = { ...ran, ...names, ...counted.lap() };
  await engine.dispose();
  return all;
}

test("loading tells how many pipelines there are to be compiled, before the first and behind the last", async () => {
  const told: LoadProgress[] = [];
  const engine = await Engine.load(models["llada"]!, {
    backend: webgpu({ device: async () => counted.device, selfTest: false }),
    onProgress: (progress) => void told.push(progress),
  });
  await engine.dispose();
  const compile = told.filter(({ stage }) => stage === "compile");
  expect(told.slice(-compile.length)).toEqual(compile);
  const count = compile[0]!.pipelineCount!;
  // The device is new: every pipeline is made here.
  const made = counted.made.filter((each) => each.startsWith("createComputePipelineAsync"));
  expect(count).toBe(made.length);
  expect(count).toBeGreaterThan(10);
  expect([compile[0]!.compiledCount, compile.at(-1)!.compiledCount]).toEqual([0, count]);
});

describe("dispatches of a step", () => {
  test.each([
    ["llada", "host", 9],
    ["llada", "device", 9],
    ["tiny", "host", 12],
    ["tiny", "device", 12],
  ] as const)(
    "of '%s', loop on the %s: at most %i a layer, 8 for head and commit",
    async (name, loop, most) => {
      const { forwards, dispatches, dispatchesOf } = await count(models[name]!, { decodeLoop: loop }, short);
      // Steps that a submission had too many are dispatched, and change nothing.
      const passes = dispatchesOf.get("embed")!;
      expect(passes).toBeGreaterThanOrEqual(forwards);
      const layers = new Map<string, number>();
      let rest = 0;
      for (const [node, count] of dispatchesOf) {
        const layer = /^layers\.\d+/.exec(node)?.[0];
        if (layer) layers.set(layer, (layers.get(layer) ?? 0) + count / passes);
        else if (node !== "embed") rest += count / passes;
      }
      expect(layers.size).toBeGreaterThan(2);
      for (const each of layers.values()) expect(each).toBeLessThanOrEqual(most);
      expect(rest).toBeGreaterThan(0);
      expect(rest).toBeLessThanOrEqual(8);
      const inLayers = [...layers.values()].reduce((sum, each) => sum + each, 0);
      expect(dispatches).toBe(passes * (inLayers + rest + 1));
    },
  );
});

/** Few steps, as kernels with barriers are slow on software adapters. */
const kinds: Readonly<Record<string, Partial<GenerateRequest>>> = {
  "a dual cache": { decoder: { name: "fixed", steps: 4 }, cache: { name: "dual" } },
  klass: { decoder: { name: "klass", steps: 3, historyLength: 1, klThreshold: 0.5 } },
  "smoothing and filters": {
    decoder: { name: "threshold", threshold: 0.5 },
    smoothing: {},
    temperature: 0.7,
    topK: 12,
  },
  credit: { decoder: { name: "credit", threshold: 0.9 } },
};

describe("after a generation of the same kind, nothing is made", () => {
  test.each(Object.entries(kinds))("%s", async (_, change) => {
    for (const loop of ["host", "device"] as const) {
      const { objects, made, steps } = await count(
        models["tiny"]!,
        { decodeLoop: loop },
        { ...short, ...change },
      );
      expect(steps).toBeGreaterThan(1);
      expect({ loop, made, objects }).toEqual({ loop, made: [], objects: 0 });
    }
  });
});

describe("the loop on the device", () => {
  test.each([1, 4])("submits and maps once for %i steps", async (stepsPerSubmission) => {
    const options = { decodeLoop: "device", stepsPerSubmission } as const;
    const { steps, submits, maps, mappedBytes } = await count(models["tiny"]!, options, plain);
    expect(steps).toBe(blockLength);
    expect([submits, maps]).toEqual([submissions(stepsPerSubmission), submissions(stepsPerSubmission)]);
    expect(mappedBytes / maps).toBeLessThanOrEqual(reportBytes);
    expect(mappedBytes).toBeGreaterThan(0);
  });

  test("takes at most eight steps at once, however many are wanted", async () => {
    const options = { decodeLoop: "device", stepsPerSubmission: 100 } as const;
    const { submits, maps } = await count(models["tiny"]!, options, plain);
    expect([submits, maps]).toEqual([submissions(8), submissions(8)]);
  });

  test("goes from block to block in a submission, with another one under way", async () => {
    const make = webgpu({ device: async () => counted.device });
    let underWay = 0;
    let mostUnderWay = 0;
    const blocks = new Set<number>();
    const engine = await Engine.load(models["tiny"]!, {
      decodeLoop: "device",
      backend: async () => {
        const backend = await make();
        const loop = backend.loop!;
        const submit = loop.submit.bind(loop);
        const report = loop.report.bind(loop);
        loop.submit = (submission) => {
          underWay++;
          mostUnderWay = Math.max(mostUnderWay, underWay);
          return submit(submission);
        };
        loop.report = async (ticket) => {
          const reports = await report(ticket);
          underWay--;
          const places = reports[0]!.steps.flatMap(({ commits }) => commits.positions);
          blocks.add(new Set(places.map((position) => Math.floor(position / shortBlock))).size);
          return reports;
        };
        return backend;
      },
    });
    const before = counted.counts.submits;
    let steps = 0;
    for await (const event of engine.generate({ ...oneByOne(shortBlock), genLength: 8 * shortBlock }))
      if (event.type === "step") steps++;
    await engine.dispose();
    expect(steps).toBe(8 * shortBlock);
    expect(mostUnderWay).toBe(2);
    expect(Math.max(...blocks)).toBeGreaterThanOrEqual(2);
    // One submission to learn that a step commits one position, then as many as eight steps each take.
    expect(counted.counts.submits - before).toBeLessThanOrEqual(6);
  });

  test("an editing decoder has a list of every step, in the same map", async () => {
    const stepsPerSubmission = 4;
    const decoder = { name: "edit", threshold: 0.97, edit: 0.9 };
    const options = { decodeLoop: "device", stepsPerSubmission } as const;
    const { submits, maps, mappedBytes } = await count(models["tiny"]!, options, { ...plain, decoder });
    expect(maps).toBe(submits);
    const entries = stepsPerSubmission * blockLength;
    expect(mappedBytes / maps).toBeLessThanOrEqual(reportBytes + 4 * reportEntryLayout.words * entries);
    expect(mappedBytes / maps).toBeGreaterThan(reportBytes);
  });
});

describe("log-probabilities", () => {
  const topLogprobs = 5;
  /** Words of an entry: its token's, and (token, log-probability) of each of the best. */
  const entryWords = 1 + 2 * topLogprobs;

  test("the device has a list for every position and step of a submission, in the same map", async () => {
    const stepsPerSubmission = 4;
    const options = { decodeLoop: "device", stepsPerSubmission } as const;
    const request = { ...short, topLogprobs };
    const told = await count(models["tiny"]!, options, request);
    const without = await count(models["tiny"]!, options, short);
    expect([told.submits, told.maps]).toEqual([without.submits, without.maps]);
    expect(told.objects).toBe(0);
    const passes = told.dispatchesOf.get("embed")!;
    const lists = 4 * passes * shortLength * entryWords;
    expect(told.mappedBytes).toBe(without.mappedBytes + lists);
    expect(lists).toBeLessThanOrEqual(8 * passes * shortLength * (topLogprobs + 1));
  });

  test("the host has them in the same map", async () => {
    const { steps, maps, submits, mappedBytes, objects } = await count(
      models["tiny"]!,
      { decodeLoop: "host" },
      { ...short, topLogprobs },
    );
    expect([submits, maps, objects]).toEqual([steps, steps, 0]);
    // One masked position less in each step.
    const rows = (shortLength * (shortLength + 1)) / 2;
    expect(mappedBytes).toBe(rows * 4 * (statisticsLayout.words + entryWords));
  });
});

test("the host submits, and maps, once a step", async () => {
  const { steps, submits, maps, mappedBytes } = await count(models["tiny"]!, { decodeLoop: "host" }, plain);
  expect([submits, maps]).toEqual([steps, steps]);
  expect(mappedBytes / maps).toBeLessThanOrEqual(4 * statisticsLayout.words * blockLength);
});

test("the engine's status counts every pass with its rows", async () => {
  const backend = webgpu({ device: async () => counted.device });
  const engine = await Engine.load(models["llada"]!, {
    backend,
    decodeLoop: "device",
    stepsPerSubmission: 1,
  });
  const stepsOf = async (request: GenerateRequest) => {
    let steps = 0;
    for await (const event of engine.generate(request)) if (event.type === "step") steps++;
    return steps;
  };
  const request = (steps: number): GenerateRequest => ({
    tokens: [5, 17],
    genLength: 6,
    blockLength: 6,
    cache: { name: "none" },
    decoder: { name: "fixed", steps },
  });
  const steps = await Promise.all([stepsOf(request(6)), stepsOf(request(3)), stepsOf(request(2))]);
  const { passes, rows, passMs } = await engine.status();
  expect(steps).toEqual([6, 3, 2]);
  expect({ passes, rows }).toEqual({ passes: 6, rows: 11 });
  expect(passMs).toBeGreaterThan(0);
  await engine.dispose();
});
