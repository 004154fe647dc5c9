/**
 * What holds for every request: it gives the same bits alone and in any company, and what leaves work out leaves
 * the answer as it is. On a small random model, which is unsure of everything.
 */
import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { recordedCache } from "../../src/cli/debug/recordedCache.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "../suites/run.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { anyCache, blockCausal, plainCache, requests } from "./arbitraries.ts";

// The longest takes 80 seconds where nothing else runs; a busy machine takes several times as long.
vi.setConfig({ testTimeout: 600_000 });

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(cpuSurroundings.model("llada-moe"), { backend: cpuSurroundings.backend });
});
afterAll(() => engine.dispose());

/** What a run decided, to the last bit. */
function decisions({ steps, done }: Run) {
  return {
    canvas: done.canvas,
    steps: steps.map(({ window, positions, tokens, confidences, edits }) => {
      return { window, positions, tokens, confidences, edits };
    }),
  };
}

test("a batch of rows equals its rows alone, bit for bit", async () => {
  const batch = fc.array(fc.oneof(requests(anyCache), requests(anyCache), blockCausal), {
    minLength: 2,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(batch, async (together) => {
      const runs = await Promise.all(together.map((request) => runToEnd(engine, request)));
      for (const [index, request] of together.entries()) {
        expect(decisions(runs[index]!)).toEqual(decisions(await runToEnd(engine, request)));
      }
    }),
    { numRuns: 100, seed: 3 },
  );
});

test("a block-causal model gives the same with its cache as without", async () => {
  await fc.assert(
    fc.asyncProperty(blockCausal, async (request) => {
      const cached = await runToEnd(engine, request);
      const plain = await runToEnd(engine, { ...request, cache: { name: "none" } });
      expect(cached.done.canvas).toEqual(plain.done.canvas);
      expect(committed(cached)).toEqual(committed(plain));
    }),
    { numRuns: 200, seed: 6 },
  );
});

test("dual with a refresh in every pass equals no cache", async () => {
  await fc.assert(
    fc.asyncProperty(requests(fc.constant({ name: "none" })), async (request) => {
      const refreshing = await runToEnd(engine, { ...request, cache: { name: "dual", refreshEvery: 1 } });
      expect(decisions(refreshing)).toEqual(decisions(await runToEnd(engine, request)));
    }),
    { numRuns: 200, seed: 4 },
  );
});

/** The request with the passes of dInfer's implementation. */
function published(request: GenerateRequest, unrolling: object = {}): GenerateRequest {
  const { name, ...parameters } = recordedCache(request.cache ?? { name: "none" }, "reference");
  return { ...request, cache: { ...parameters, ...unrolling, name } };
}

/** Whether the first refresh of a run falls behind its first block: then other keys and values are stale. */
function spills({ steps }: Run): boolean {
  const refresh = steps.find((step) => step.refresh);
  return refresh !== undefined && refresh.block.start !== steps[0]!.block.start;
}

/** What was committed, whichever passes it took. */
function committed({ steps, done }: Run) {
  const commits = steps
    .filter((step) => !step.prefill)
    .map(({ positions, tokens, confidences }) => ({ positions, tokens, confidences }));
  return { canvas: done.canvas, commits };
}

test("a cache makes the passes of dInfer's implementation less those that decide nothing, and commits the same", async () => {
  let compared = 0;
  let different = 0;
  const one = async (request: GenerateRequest) => {
    const reference = await runToEnd(engine, published(request));
    const byDefault = await runToEnd(engine, request);
    expect(byDefault.steps.every((step) => step.openCount > 0)).toBe(true);
    const idle = reference.steps.some((step) => step.openCount === 0);
    const warm = request.cache?.name === "vicinity";
    if ((warm && spills(reference)) || (request.smoothing && idle)) {
      different++;
      return;
    }
    compared++;
    if (idle) expect(byDefault.done.usage.forwards).toBeLessThan(reference.done.usage.forwards);
    const useful = { ...reference, steps: reference.steps.filter((step) => step.positions.length > 0) };
    // Where the first pass of a block decides nothing, the next one is the refresh in its place.
    const isIdle = ({ openCount, positions }: Run["steps"][number]) =>
      openCount > 0 && positions.length === 0;
    const summary = reference.steps.some(isIdle) ? committed : decisions;
    expect(summary(byDefault)).toEqual(summary(useful));
  };
  // `npm run verify` draws a hundred for each decoder; for every run of the tests that takes too long.
  const numRuns = process.env["UNMASK_TRACES"] === "all" ? 1400 : 350;
  await fc.assert(fc.asyncProperty(requests(plainCache), one), { numRuns, seed: 5 });
  expect(compared).toBeGreaterThan(0.7 * numRuns);
  expect(different).toBeGreaterThan(0.03 * numRuns);
});

test("unrolling makes passes on finished blocks, and changes nothing that is committed", async () => {
  let more = 0;
  const one = async (request: GenerateRequest) => {
    const { smoothing: _, ...plain } = request;
    const reference = published(plain);
    const unrolled = published(plain, { unrollExpected: 2, unrollMaximum: 4 });
    const [without, withUnrolling] = [await runToEnd(engine, reference), await runToEnd(engine, unrolled)];
    expect(withUnrolling.done.canvas).toEqual(without.done.canvas);
    const useful = (run: Run) => decisions({ ...run, steps: run.steps.filter((step) => step.openCount > 0) });
    expect(useful(withUnrolling)).toEqual(useful(without));
    expect(withUnrolling.done.usage.forwards).toBeGreaterThanOrEqual(without.done.usage.forwards);
    if (withUnrolling.done.usage.forwards > without.done.usage.forwards) more++;
  };
  const cache = fc.record({ name: fc.constantFrom("none", "prefix", "dual") });
  await fc.assert(fc.asyncProperty(requests(cache), one), { numRuns: 100, seed: 7 });
  expect(more).toBeGreaterThan(20);
});
