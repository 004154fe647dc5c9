/** The passes that models with shifted rows and seeded blocks make, and what requests say of blocks and stops. */
import { describe, expect, test } from "vitest";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { memory } from "../../src/sources/memory.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

async function withModel<T>(name: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await Engine.load(cpuSurroundings.model(name), { backend: cpuSurroundings.backend });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}
const run = (name: string, request: GenerateRequest): Promise<Run> =>
  withModel(name, (engine) => runToEnd(engine, request));
const windows = ({ steps }: Run) => steps.map(({ window }) => [window.start, window.end]);
const prompt = (length: number) => Array.from({ length }, (_, index) => 10 + index);
const never = { stopTokens: [] };

test("a causal model computes one row a token, and no mask", async () => {
  const found = await run("qwen3-causal", { tokens: prompt(5), genLength: 4, overrides: never });
  expect(windows(found)).toEqual([
    [0, 5],
    [4, 5],
    [5, 6],
    [6, 7],
    [7, 8],
  ]);
  expect(found.done.usage).toMatchObject({ prefills: 1, forwards: 4 });
});

describe("Fast-dLLM v2", () => {
  const request = {
    genLength: 9,
    subBlockLength: 4,
    overrides: never,
    decoder: { name: "thresholdTopN", threshold: 1, minimum: 2 },
  };
  test("the pass over a finished block gives the next one's first token", async () => {
    const found = await run("fast-dllm-v2", { ...request, tokens: prompt(8), cache: { name: "block" } });
    expect(windows(found)).toEqual([
      // The prompt; its last row, for the first token.
      [0, 8],
      [7, 8],
      // Three and four positions, two a step.
      ...[8, 8, 8, 8].map((start) => [start, 16]),
      // The finished block, whose last row gives the last token.
      [8, 16],
    ]);
    const seeds = found.steps.filter(({ positions }) => positions.length === 1 && positions[0]! % 8 === 0);
    expect(seeds.map(({ positions, openCount }) => [positions, openCount])).toEqual([
      [[8], 1],
      [[16], 1],
    ]);
    expect(seeds[0]!.block).toEqual({ start: 8, end: 16 });
    expect(found.done.canvas).toHaveLength(17);
  });
  test("with a cache of parts these are computed alone once their first token is known", async () => {
    const found = await run("fast-dllm-v2", { ...request, tokens: prompt(8), cache: { name: "subBlock" } });
    expect(windows(found)).toEqual([
      [0, 8],
      [7, 8],
      // Position 9 comes first, so the first part is computed alone; position 12 comes last of the second part.
      [8, 16],
      [8, 12],
      [8, 16],
      [8, 16],
      [8, 16],
    ]);
    expect(found.steps.map(({ positions }) => positions.length)).toEqual([0, 1, 2, 1, 2, 2, 1]);
    expect(found.steps.map(({ refresh }) => refresh).lastIndexOf(true)).toBe(5);
    expect(found.done.usage.refreshes).toBe(2);
  });
  test("a prompt inside a block needs no first token, and none is known at the sequence's start", async () => {
    const found = await run("fast-dllm-v2", { ...request, tokens: prompt(3), genLength: 5 });
    expect(windows(found)[0]).toEqual([0, 8]);
    expect(found.steps[0]).toMatchObject({ block: { start: 0, end: 8 }, openCount: 1 });
    const nothing = await run("fast-dllm-v2", { ...request, tokens: [], genLength: 8 });
    expect(nothing.done.canvas).toHaveLength(8);
    expect(nothing.steps[0]).toMatchObject({ block: { start: 0, end: 8 }, openCount: 4 });
  });
  test("one block is told as one, whatever its parts", async () => {
    const blocks: unknown[] = [];
    await withModel("fast-dllm-v2", async (engine) => {
      for await (const event of engine.generate({ ...request, tokens: prompt(8) }))
        if (event.type === "block") blocks.push([event.start, event.end, event.tokens.length]);
    });
    expect(blocks).toEqual([
      [8, 16, 8],
      [16, 17, 1],
    ]);
  });
});

test("rows that predict the next position: windows begin one before the block", async () => {
  const request = { tokens: prompt(6), genLength: 8, blockLength: 4, cache: { name: "dual" } };
  const found = await run("dream", { ...request, decoder: { name: "fixed", steps: 2 } });
  expect(windows(found)).toEqual([
    [0, 14],
    [5, 10],
    [0, 14],
    [9, 14],
  ]);
});

test("the first position is predicted by its own row", async () => {
  const found = await run("dream", { tokens: [], genLength: 4, decoder: { name: "fixed", steps: 1 } });
  expect(found.done.canvas).toHaveLength(4);
});

/** What was committed, and how sure the model was of it. */
const decided = ({ steps }: Run) =>
  steps.flatMap(({ positions, tokens, confidences, prefill }) =>
    prefill ? [] : [[positions, tokens, confidences]],
  );

test.each([
  ["fast-dllm-v2", { subBlockLength: 4 }, { name: "none" }, { name: "block" }],
  ["fast-dllm-v2", { temperature: 0.7, seed: 4 }, { name: "none" }, { name: "block" }],
  ["a2d-qwen3-bd3lm", { trimLastBlock: true, cfgScale: 0.5 }, { name: "none" }, { name: "block" }],
  ["sdar", { confidenceFrom: "sampling", temperature: 0.5 }, { name: "none" }, { name: "block" }],
  ["qwen3-causal", {}, { name: "none" }, { name: "block" }],
  ["dream", { blockLength: 5 }, { name: "none" }, { name: "dual", refreshEvery: 1 }],
] as const)("%s with %j: what cache %j recomputes, %j keeps", async (name, given, recomputing, keeping) => {
  await withModel(name, async (engine) => {
    for (const length of [8, 11]) {
      const decoder = { name: "thresholdTopN", threshold: 0.5, minimum: 1 };
      const request = { tokens: prompt(length), genLength: 14, decoder, overrides: never, ...given };
      const exact = await runToEnd(engine, { ...request, cache: recomputing });
      const kept = await runToEnd(engine, { ...request, cache: keeping });
      expect(decided(kept)).toEqual(decided(exact));
      const alone = await Promise.all([1, 2].map(() => runToEnd(engine, { ...request, cache: keeping })));
      for (const again of alone) expect(decided(again)).toEqual(decided(kept));
    }
  });
});

describe("stops", () => {
  const request = { tokens: prompt(4), genLength: 12, blockLength: 4, decoder: { name: "fixed", steps: 4 } };
  test("without early stop all is decoded, and the text ends at the stop", async () => {
    await withModel("llada", async (engine) => {
      const all = await runToEnd(engine, { ...request, overrides: never });
      // A token of the first block is the stop.
      const stop = { overrides: { stopTokens: [all.done.canvas[6]!] } };
      const early = await runToEnd(engine, { ...request, ...stop });
      const late = await runToEnd(engine, { ...request, ...stop, earlyStop: false });
      expect(early.steps.length).toBeLessThan(all.steps.length);
      expect(late.done.canvas).toEqual(all.done.canvas);
      expect(late.steps).toHaveLength(all.steps.length);
      expect(late.done.reason).toBe("stop");
      expect(late.done.tokens).toEqual(early.done.tokens);
      expect((await runToEnd(engine, { ...request, overrides: never, earlyStop: false })).done.reason).toBe(
        "length",
      );
    });
  });
});

describe("closing", () => {
  const request = { tokens: prompt(4), genLength: 6, blockLength: null, overrides: never } as const;
  test("the last position holds the token from the start, and is seen", async () => {
    await withModel("rnd1", async (engine) => {
      const close = (padToken: number) =>
        runToEnd(engine, { ...request, endToken: "pad", overrides: { ...never, padToken } });
      const found = await close(3);
      expect(found.done.canvas.at(-1)).toBe(3);
      expect(found.steps[0]!.openCount).toBe(5);
      expect((await close(90)).done.canvas.slice(0, -1)).not.toEqual(found.done.canvas.slice(0, -1));
    });
  });
  test.each([
    ["sdar", { overrides: { padToken: 3 } }, /as the model is block-causal/],
    ["llada", { overrides: { padToken: 3 }, infill: [{ length: 3 }] }, /'endToken' does not apply to holes/],
  ])("is refused by %s with %j", async (name, given, message) => {
    await expect(run(name, { tokens: prompt(4), endToken: "pad", ...given })).rejects.toThrow(message);
  });
});

test("a model without a pad token cannot close with it", async () => {
  const source = cpuSurroundings.model("llada");
  const read = async (name: string) => {
    const file = await source.open(name);
    return file.read(0, file.size);
  };
  const { pad_token_id: _, ...config } = JSON.parse(new TextDecoder().decode(await read("config.json")));
  const files = {
    "config.json": JSON.stringify(config),
    "model.safetensors": await read("model.safetensors"),
  };
  const engine = await Engine.load(memory(files), { backend: cpuSurroundings.backend });
  await expect(runToEnd(engine, { tokens: prompt(4), endToken: "pad" })).rejects.toThrow(
    "Cannot end the answer with the token 'pad' as the model has no such token",
  );
  await engine.dispose();
});

test("A2D's pad token is seen by later blocks as any other token is", async () => {
  const request = { tokens: prompt(5), genLength: 24, trimLastBlock: true, overrides: never };
  const plain = await run("a2d-qwen3-bd3lm", request);
  // A token of the first block, which the next ones see.
  const padToken = plain.done.canvas[7]!;
  const padded = await run("a2d-qwen3-bd3lm", { ...request, overrides: { ...never, padToken } });
  expect(padded.done.canvas).toEqual(plain.done.canvas);
});

test("null takes the answer as one block, or the mask's blocks", async () => {
  const request = { tokens: prompt(4), genLength: 8, blockLength: null, overrides: never };
  const whole = await run("llada", { ...request, decoder: { name: "fixed", steps: 2 } });
  expect(whole.steps.map(({ block }) => block)).toEqual([
    { start: 4, end: 12 },
    { start: 4, end: 12 },
  ]);
  const blocks = await run("sdar", { ...request, decoder: { name: "fixed", steps: 1 } });
  expect(blocks.steps.filter(({ prefill }) => !prefill).map(({ block }) => block.start)).toEqual([4, 8]);
});
