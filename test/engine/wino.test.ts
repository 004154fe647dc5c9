/** The decoder 'wino' in the engine: what its shadow sees, its caches, batches, guidance, holes, limits and refusals. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { type BlockView, type Decoder, decoder, Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

/** The probabilities that a decoder was given, and the tokens that they are of. */
const seen: {
  readonly current: Uint32Array;
  readonly known: readonly number[];
  readonly shadow: Float32Array;
}[] = [];
/** Decides left to right, two positions a step, and keeps what it sees. */
const witness: Decoder = decoder({
  name: "witness",
  help: "",
  parameters: {},
  needs: ["known", "shadow"],
  commit: ({ open, known, token, current, shadowProbability }: BlockView, _, out) => {
    seen.push({ current: current.slice(), known, shadow: shadowProbability.slice() });
    for (const offset of open.slice(0, 2)) out.commit(offset, token[offset]!);
  },
});

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu(), decoders: [witness] });
});
afterAll(() => engine.dispose());

const wino = { name: "wino" };
const request = (content: string, rest: Partial<GenerateRequest> = {}): GenerateRequest => ({
  messages: [{ role: "user", content }],
  genLength: 32,
  decoder: wino,
  cache: { name: "none" },
  ...rest,
});
const sort = "sort 3 1 2 9 8 7 4 6";

test("a shadow sees what a masked position would see, and the masks of the shadow beside it", async () => {
  seen.length = 0;
  const { start } = await runToEnd(engine, request(sort, { genLength: 8, decoder: { name: "witness" } }));
  expect(seen.length).toBeGreaterThan(2);
  const { known, current, shadow } = seen[1]!;
  expect(known).toHaveLength(2);
  // With one position in the block's shadow, the shadow would be the masked position itself: a block of one differs by nothing.
  for (const offset of known) {
    expect(shadow[offset]).toBeGreaterThan(0);
    expect(shadow[offset]).toBeLessThanOrEqual(1);
    expect(current[offset]).not.toBe(start.maskToken);
  }
});

describe.each([
  ["none", { name: "none" }],
  ["dual", { name: "dual" }],
  ["prefix", { name: "prefix", refreshEvery: 3 }],
  ["vicinity", { name: "vicinity", warmup: 1, left: 4, right: 4 }],
] as const)("cache %s", (_, cache) => {
  test("ends without masks, within as many steps as positions, and alike in a batch", async () => {
    const own = request("reverse river stone cloud", { cache, blockLength: 16 });
    const alone = await runToEnd(engine, own);
    expect(alone.done.canvas).not.toContain(alone.start.maskToken);
    expect(alone.done.usage.forwards).toBeLessThanOrEqual(32);
    const others = [
      request(sort, { blockLength: 8, cache }),
      request("story: leo, blue bird, lake", { decoder: { name: "threshold" } }),
    ];
    const [together] = await Promise.all([own, ...others].map((each) => runToEnd(engine, each)));
    const decided = ({ steps }: typeof alone) =>
      steps.map(({ positions, tokens, confidences, revoked }) => [positions, tokens, confidences, revoked]);
    expect(decided(together!)).toEqual(decided(alone));
  });
});

test("on another backend the tokens are the same", async () => {
  const other = await Engine.load(cpuSurroundings.tinyModel, { backend: wasm() });
  try {
    const own = request("story: leo, blue bird, lake", { genLength: 48, blockLength: 48 });
    const [left, right] = [await runToEnd(engine, own), await runToEnd(other, own)];
    const decided = ({ steps }: typeof left) =>
      steps.map(({ positions, tokens, revoked }) => [positions, tokens, revoked]);
    expect(decided(right)).toEqual(decided(left));
    expect(left.steps.some(({ revoked }) => revoked)).toBe(true);
  } finally {
    await other.dispose();
  }
});

test("with guidance, holes, a limit of tokens, and temperature", async () => {
  const { done } = await runToEnd(engine, request(sort, { cfgScale: 0.5, temperature: 0.4, seed: 5 }));
  expect(done.canvas).not.toContain(engine.model.maskToken);
  const filled = await runToEnd(engine, { prompt: sort, infill: ["1 ", { length: 4 }, " 4"], decoder: wino });
  expect(filled.done.holes![0]!.tokens).toHaveLength(4);
  const long = request("story: leo, blue bird, lake", {
    genLength: 16,
    blockLength: 16,
    maxTokens: 40,
    stop: [],
  });
  expect((await runToEnd(engine, long)).done.tokens.length).toBeLessThanOrEqual(40);
});

describe("is refused", () => {
  const refused = (rest: Partial<GenerateRequest>, message: RegExp) =>
    expect(runToEnd(engine, request(sort, rest))).rejects.toThrow(message);

  test("on a block-causal model", () =>
    refused(
      { overrides: { maskBlock: 8 }, blockLength: 8, cache: { name: "block" } },
      /'wino' as the model is block-causal/,
    ));
  test("beside a cache that follows another implementation", () =>
    refused(
      { cache: { name: "dInferDual" } },
      /'wino' as the passes of cache 'dInferDual' have no place for a shadow/,
    ));
  test("with smoothing", () => refused({ smoothing: {} }, /has no threshold that smoothing can replace/));
  test("on a model that predicts a position from the one before it", async () => {
    const shifted = await Engine.load(cpuSurroundings.model("dream"), { backend: cpu() });
    const run = runToEnd(shifted, { tokens: [3], genLength: 4, decoder: wino });
    await expect(run).rejects.toThrow(/'wino' as the model predicts a position from the one before it/);
    await shifted.dispose();
  });
  test("without room for the shadow", async () => {
    const small = await Engine.load(cpuSurroundings.tinyModel, {
      backend: cpu(),
      context: 64,
      cachePositions: 64,
    });
    const run = runToEnd(small, { prompt: "a", genLength: 40, blockLength: 40, decoder: wino });
    await expect(run).rejects.toThrow(/positions exceed the 64 that the engine was loaded with/);
    await small.dispose();
  });
});
