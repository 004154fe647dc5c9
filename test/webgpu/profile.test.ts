/** Time by op of engines that plain data names, as of those behind ports. */
import { expect, test } from "vitest";
import { loadNamedEngine, type NamedEngineOptions } from "../../src/remote/namedEngine.ts";

/** The ops that were measured in a short generation. */
async function measuredOps(options: NamedEngineOptions): Promise<readonly string[]> {
  const loading = { signal: new AbortController().signal, onProgress: () => {}, onPick: () => {} };
  const engine = await loadNamedEngine({ backend: "webgpu", ...options }, loading);
  try {
    const request = { prompt: "sort 3 1 2", genLength: 8, blockLength: 8, maxForwards: 2 };
    for await (const _ of engine.generate(request));
    const { times } = await engine.status();
    return times!.filter(({ dispatches, ms }) => dispatches > 0 && ms > 0).map(({ op }) => op);
  } finally {
    await engine.dispose();
  }
}

test("is measured on a GPU with the option `profile`, and not without", async () => {
  expect(await measuredOps({ profile: true })).toEqual(expect.arrayContaining(["experts", "headTiles"]));
  expect(await measuredOps({})).toEqual([]);
});

test("is always measured on the CPU", async () => {
  expect(await measuredOps({ backend: "cpu" })).toEqual(expect.arrayContaining(["attention", "expertsUp"]));
});
