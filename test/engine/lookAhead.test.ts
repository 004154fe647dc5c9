/** The decoder 'lookAhead' in the engine, and the branches that decoders of one's own propose. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { type BlockView, type Decoder, decoder, Engine, type GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

/** The statistics of the open offsets of a view. */
function copyOf({ open, token, confidence, entropy, logSumExp }: BlockView) {
  return open.map((offset) => [
    offset,
    token[offset],
    confidence[offset],
    entropy[offset],
    logSumExp[offset],
  ]);
}

/** What a branch was found to be in one step, and the block in the next, which has the same tokens. */
const seen: { branch: unknown; block: unknown }[] = [];
let branch: unknown;
/** Proposes the leftmost position of the rest as a branch, stays with the block as it is, and then commits that position. */
const witness: Decoder = decoder({
  name: "witness",
  help: "",
  parameters: {},
  lookAhead: {
    maxBranches: () => 1,
    choose([_, tried]) {
      branch = tried && copyOf(tried.view);
      return 0;
    },
  },
  start: (): { token: number } => {
    branch = undefined;
    return { token: -1 };
  },
  commit(view, _, out, state) {
    const { open, token } = view;
    if (branch && state.token < 0) {
      seen.push({ branch, block: copyOf(view) });
      branch = undefined;
    }
    const first = open[0]!;
    out.commit(first, state.token >= 0 ? state.token : token[first]!);
    // Every second step proposes; the one between commits the token that was proposed, to see the same block.
    state.token = state.token < 0 && open.length > 2 ? token[open[1]!]! : -1;
    if (state.token >= 0) out.branch(open[1]!, state.token);
  },
});

/** Follows whatever it proposes, of which it may propose too much. */
const follower = (propose: Decoder["commit"], choice = 1): Decoder =>
  decoder({
    name: "follower",
    help: "",
    parameters: {},
    lookAhead: { maxBranches: () => 1, choose: () => choice },
    commit: propose,
  });

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu(), decoders: [witness] });
});
afterAll(() => engine.dispose());

const request = (content: string, rest: Partial<GenerateRequest> = {}): GenerateRequest => ({
  messages: [{ role: "user", content }],
  genLength: 32,
  decoder: { name: "lookAhead" },
  cache: { name: "none" },
  ...rest,
});
const sort = "sort 3 1 2 9 8 7 4 6";
const story = "story: leo, blue bird, lake";
const decided = ({ steps }: Run) =>
  steps.map(({ positions, tokens, confidences }) => [positions, tokens, confidences]);

const kinds: readonly (readonly [string, Partial<GenerateRequest>])[] = [
  ["cache none", {}],
  ["cache dual", { cache: { name: "dual" }, blockLength: 16 }],
  ["cache vicinity", { cache: { name: "vicinity", warmup: 1, left: 4, right: 4 }, blockLength: 16 }],
  ["a block-causal mask", { cache: { name: "block" }, blockLength: 16, overrides: { maskBlock: 16 } }],
  ["guidance", { cfgScale: 0.5 }],
];

test.each(kinds)("with %s, a branch has the bits of the block that has its token", async (_, rest) => {
  seen.length = 0;
  await runToEnd(engine, request(story, { ...rest, decoder: { name: "witness" } }));
  expect(seen.length).toBeGreaterThan(3);
  for (const { branch, block } of seen) expect(branch).toEqual(block);
});

test.each([...kinds, ["temperature", { temperature: 0.7, seed: 3 }] as const])(
  "with %s, ends without masks, within as many steps as positions, and alike in a batch",
  async (_, rest) => {
    const own = request(story, rest);
    const alone = await runToEnd(engine, own);
    expect(alone.done.canvas).not.toContain(alone.start.maskToken);
    expect(alone.done.usage.forwards).toBeLessThanOrEqual(32);
    const others = [request(sort, { blockLength: 8 }), request(sort, { decoder: { name: "threshold" } })];
    const [together] = await Promise.all([own, ...others].map((each) => runToEnd(engine, each)));
    expect(decided(together!)).toEqual(decided(alone));
  },
);

/** What the decoder should do, by whole passes over canvases: without branches, slots, spans or views. */
async function byWholePasses(
  prompt: readonly number[],
  genLength: number,
  gamma: number,
): Promise<number[][]> {
  const { maskToken: mask } = engine.info;
  const openOf = async (ids: readonly number[]) => {
    const rows = await engine.logits([...ids]);
    return ids.flatMap((id, at) => {
      if (id !== mask) return [];
      const logits = Float64Array.from(rows[at]!);
      logits[mask] = -Infinity;
      const token = logits.indexOf(Math.max(...logits));
      const weights = logits.map((logit) => Math.exp(logit - logits[token]!));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const entropy = weights.reduce(
        (sum, each) => sum - (each > 0 ? (each / total) * Math.log(each / total) : 0),
        0,
      );
      return [{ at, token, sure: 1 / total, entropy }];
    });
  };
  const scoreOf = (open: readonly { sure: number }[], own: number) => {
    const least = open.map(({ sure }) => sure).sort((a, b) => a - b);
    const half = least.slice(0, Math.max(1, Math.floor(open.length / 2)));
    const mean = half.length === 0 ? 1 : half.reduce((sum, each) => sum + each, 0) / half.length;
    return 0.25 * own + 0.75 * mean;
  };
  let ids = [...prompt, ...new Array<number>(genLength).fill(mask)];
  let open = await openOf(ids);
  /** Positions that each step decides; the one of a branch belongs to the step that goes on from it. */
  const steps: number[][] = [];
  let adopted: number[] = [];
  while (open.length > 0) {
    const order = open.toSorted((a, b) => a.entropy - b.entropy);
    let sum = 0;
    const chosen = order.filter(({ entropy }, index) => {
      const fits = index === 0 || sum <= gamma;
      sum += entropy;
      return fits;
    });
    steps.push([...adopted, ...chosen.map(({ at }) => at)].sort((a, b) => a - b));
    const rest = open.filter((each) => !chosen.includes(each)).sort((a, b) => b.sure - a.sure);
    const withTokens = (positions: readonly { at: number; token: number }[]) => {
      const next = [...ids];
      for (const { at, token } of positions) next[at] = token;
      return next;
    };
    const children = [{ ids: withTokens(chosen), own: 1, adopted: [] as number[] }];
    for (const each of rest.length > 1 ? rest.slice(0, 3) : [])
      children.push({ ids: withTokens([...chosen, each]), own: each.sure, adopted: [each.at] });
    const scored = [];
    for (const child of children) {
      const found = await openOf(child.ids);
      scored.push({ ...child, open: found, score: scoreOf(found, child.own) });
    }
    const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
    ({ ids, open, adopted } = best);
  }
  return [...steps, ids];
}

test.each([sort, story, "reverse river stone cloud", "count to 9"])(
  "decides as whole passes over every branch do: %s",
  async (content) => {
    const prompt = await engine.tokenize([{ role: "user", content }]);
    const { steps, done } = await runToEnd(
      engine,
      request(content, { decoder: { name: "lookAhead", gamma: 0.05 } }),
    );
    const expected = await byWholePasses(prompt, 32, 0.05);
    const found = steps.map(({ positions }) => [...positions].sort((a, b) => a - b));
    expect([...found, done.canvas]).toEqual(expected);
  },
);

test("on another backend the tokens are the same", async () => {
  const other = await Engine.load(cpuSurroundings.tinyModel, { backend: wasm() });
  try {
    const own = request(story, { genLength: 48, blockLength: 24, cache: { name: "prefix" } });
    const tokens = ({ steps }: Run) => steps.map(({ positions, tokens }) => [positions, tokens]);
    expect(tokens(await runToEnd(other, own))).toEqual(tokens(await runToEnd(engine, own)));
  } finally {
    await other.dispose();
  }
});

test("a branch's token has a log-probability, and guesses follow the branch", async () => {
  const run = request(story, { topLogprobs: 2, guesses: true, decoder: { name: "lookAhead", gamma: 0.01 } });
  const { steps } = await runToEnd(engine, run);
  for (const { positions, logprobs, guesses } of steps) {
    expect(logprobs).toHaveLength(positions.length);
    for (const { logprob } of logprobs!) expect(logprob).toBeLessThanOrEqual(0);
    for (const position of guesses?.positions ?? []) expect(positions).not.toContain(position);
  }
});

test("with holes, and an answer longer than its canvas", async () => {
  const filled = await runToEnd(engine, {
    prompt: sort,
    infill: ["1 ", { length: 4 }, " 4"],
    decoder: { name: "lookAhead" },
  });
  expect(filled.done.holes![0]!.tokens).toHaveLength(4);
  const long = request(story, { genLength: 16, blockLength: 16, maxTokens: 40, stop: [] });
  expect((await runToEnd(engine, long)).done.tokens.length).toBeLessThanOrEqual(40);
});

test("on a model that predicts a position from the one before it", async () => {
  const shifted = await Engine.load(cpuSurroundings.model("dream"), { backend: cpu(), decoders: [witness] });
  seen.length = 0;
  const run = { tokens: [3, 4, 5], genLength: 12, blockLength: 12, cache: { name: "none" } };
  await runToEnd(shifted, { ...run, decoder: { name: "witness" } });
  expect(seen.length).toBeGreaterThan(2);
  for (const { branch, block } of seen) expect(branch).toEqual(block);
  const { done } = await runToEnd(shifted, { ...run, decoder: { name: "lookAhead", gamma: 0 } });
  expect(done.canvas).not.toContain(shifted.info.maskToken);
  await shifted.dispose();
});

describe("is refused", () => {
  const refused = (rest: Partial<GenerateRequest>, message: RegExp) =>
    expect(runToEnd(engine, request(sort, rest))).rejects.toThrow(message);

  test("beside a cache that follows another implementation", () =>
    refused(
      { cache: { name: "dInferDual" } },
      /'lookAhead' as the passes of cache 'dInferDual' have no place/,
    ));
  test("with smoothing", () =>
    refused({ smoothing: {} }, /smooth iterations as decoder 'lookAhead' looks ahead/));
  test("without room for the branches", async () => {
    const small = await Engine.load(cpuSurroundings.tinyModel, {
      backend: cpu(),
      context: 64,
      cachePositions: 64,
    });
    const run = runToEnd(small, {
      prompt: "a",
      genLength: 40,
      decoder: { name: "lookAhead" },
      cache: { name: "none" },
    });
    await expect(run).rejects.toThrow(/positions exceed the 64 that the engine was loaded with/);
    await small.dispose();
  });
});

describe("a decoder fails its request if it", () => {
  const leftmost = ({ open, token }: BlockView) => [open[0]!, token[open[0]!]!] as const;
  test.each<[string, Decoder, RegExp]>([
    [
      "proposes too many branches",
      follower((view, _, out) => {
        out.commit(...leftmost(view));
        for (const offset of view.open.slice(1, 3)) out.branch(offset, 5);
      }),
      /proposed 2 branches of at most 1/,
    ],
    [
      "proposes what it commits",
      follower((view, _, out) => {
        out.commit(...leftmost(view));
        out.branch(...leftmost(view));
      }),
      /proposed offset 0, which is not open after the step/,
    ],
    [
      "proposes the mask token",
      follower((view, _, out) => {
        out.commit(...leftmost(view));
        out.branch(view.open[1]!, engine.info.maskToken);
      }),
      /proposed the mask token at offset 1/,
    ],
    [
      "goes on from a branch that was not there",
      follower((view, _, out) => {
        out.commit(...leftmost(view));
        if (view.open.length > 1) out.branch(view.open[1]!, 5);
      }, 2),
      /chose branch 2 of 1/,
    ],
    [
      "looks ahead and needs couplings",
      { ...follower(() => {}), needs: ["couplings"] },
      /'follower' as it looks ahead, which excludes 'couplings'/,
    ],
  ])("%s", async (_, own, message) => {
    const loaded = await Engine.load(cpuSurroundings.tinyModel, { backend: cpu(), decoders: [own] });
    const run = runToEnd(loaded, request(sort, { genLength: 8, decoder: { name: "follower" } }));
    await expect(run).rejects.toThrow(message);
    await loaded.dispose();
  });
});
