/** A batch gives each of its rows what it gets alone: the same tokens in the same steps, and the same bits of confidence. */
import type { GenerateRequest } from "../../src/core/index.ts";
import { type Run, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine, suiteName } from "./suite.ts";

const requests: readonly GenerateRequest[] = [
  { prompt: "reverse: abc", genLength: 16, blockLength: 16, decoder: { name: "threshold", threshold: 0.97 } },
  { prompt: "sort 3 1 2", genLength: 24, blockLength: 8, cache: { name: "dual" } },
  { prompt: "12 + 5", genLength: 9, blockLength: 9, decoder: { name: "credit" }, cache: { name: "none" } },
  {
    prompt: "x",
    genLength: 16,
    blockLength: 16,
    temperature: 0.8,
    seed: 3,
    decoder: { name: "fixed", steps: 4 },
  },
  {
    prompt: "count to 9",
    genLength: 16,
    blockLength: 8,
    overrides: { maskBlock: 8 },
    cache: { name: "block" },
  },
];

/** Of decoders without kernels. */
const onHost: readonly GenerateRequest[] = [
  { prompt: "reverse: abcd", genLength: 16, blockLength: 16, decoder: { name: "independent", layers: 2 } },
  { prompt: "sort 3 1", genLength: 16, blockLength: 8, decoder: { name: "dawn" }, cache: { name: "none" } },
  {
    prompt: "sort 3 1 2",
    genLength: 16,
    blockLength: 16,
    decoder: { name: "wino" },
    cache: { name: "none" },
  },
  {
    prompt: "sort 3 1",
    genLength: 12,
    blockLength: 12,
    decoder: { name: "lookAhead" },
    cache: { name: "none" },
  },
  {
    prompt: "story: leo",
    genLength: 24,
    blockLength: 12,
    decoder: { name: "lookAhead", branches: 2, gamma: 0 },
    cache: { name: "vicinity", warmup: 0, left: 4, right: 4 },
  },
  {
    prompt: "count to 9",
    genLength: 16,
    blockLength: 8,
    overrides: { maskBlock: 8 },
    decoder: { name: "lookAhead", gamma: 0 },
    cache: { name: "block" },
  },
];

/** Of LLaDA2: its router chooses experts by groups and biases, and sends every token to the shared one. */
const routed: readonly GenerateRequest[] = [
  { tokens: [5, 9, 33, 60, 2, 7, 7, 81, 14, 3], genLength: 6, decoder: { name: "fixed", steps: 2 } },
  { tokens: [88], genLength: 7, decoder: { name: "fixed", steps: 2 } },
  { tokens: [12, 40, 41], genLength: 13, decoder: { name: "thresholdTopN", threshold: 0.3 } },
];

/** Of LLaDA2, too: the first blocks of their prompts are encoded once, and copied. */
const begin = [5, 9, 33, 60, 2, 7, 7, 81, 14, 3, 21, 22, 23, 24, 25, 26, 40];
const alike: readonly GenerateRequest[] = [[11, 12], [13], [], [50, 51, 52, 53, 54, 55, 56, 57]].map(
  (end) => ({
    tokens: [...begin, ...end],
    genLength: 12,
    decoder: { name: "fixed", steps: 3 },
  }),
);

export function batchSuite(surroundings: Surroundings): Suite {
  const own = surroundings.loop === "device" ? requests : [...requests, ...onHost];
  const batches = [
    { name: "equals its rows bit for bit", source: surroundings.tinyModel, requests: own },
    { name: "with routed and shared experts, too", source: surroundings.model("llada2"), requests: routed },
    { name: "with prompts that begin alike, too", source: surroundings.model("llada2"), requests: alike },
  ].map(({ source, ...batch }) => ({ ...batch, ...sharedEngine(surroundings, source) }));
  return {
    name: suiteName("batch", surroundings),
    cases: batches.map(({ name, requests, load }) => ({
      name,
      run: async () => {
        const engine = await load();
        const alone: Run[] = [];
        for (const request of requests) alone.push(await runToEnd(engine, request));
        const together = await Promise.all(requests.map((request) => runToEnd(engine, request)));
        together.forEach((found, index) => {
          equal(decided(found), decided(alone[index]!), `request ${index}`);
        });
        if (requests !== alike) return;
        const shared = together.map(({ done }) => done.usage.sharedTokens);
        equal([...shared].sort(), [0, 16, 16, 16], "shared tokens");
      },
    })),
    end: async () => {
      for (const { end } of batches) await end();
    },
  };
}

const decided = ({ steps, done }: Run) => [
  steps
    .filter(({ prefill }) => !prefill)
    .map(({ positions, tokens, confidences }) => [positions, tokens, confidences]),
  done.canvas,
];
