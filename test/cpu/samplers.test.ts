import { expect, test } from "vitest";
import { everyCase, samplerSuite } from "../suites/samplers.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { runSuite } from "../support/vitest.ts";

const suite = await samplerSuite(cpuSurroundings, everyCase);
runSuite(suite);

test("every sampler has its sets", () => {
  const names = suite.cases.map(({ name }) => /\((.*)\)/.exec(name)![1]);
  expect([...new Set(names)].sort()).toEqual(
    [
      ...["bd3lm", "dream", "fast-dllm-v2", "greedy", "llada", "llada2", "llada2.1-edit", "rnd1", "sdar"],
    ].sort(),
  );
});
