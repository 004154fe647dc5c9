import { expect, test } from "vitest";
import { cachePolicies } from "../../cache/index.ts";
import { bind, type Choice } from "../../declare/index.ts";
import { decoder, decoders } from "../../decode/index.ts";
import { generationCanvas, type Sequence } from "../../diffusion/index.ts";
import type { DeviceLoop } from "../../tensor/index.ts";
import { whyNotOnDevice } from "./decodeLoop.ts";
import { Task } from "./task.ts";

/** A device that has every decoder, for blocks of up to 8 positions, less one for each of the best tokens. */
const loop: DeviceLoop = {
  preferred: true,
  maxPasses: 4,
  maxSubmissions: 1,
  maxBlocks: 1,
  decides: (_, length, top = 0) => length + top <= 8,
  submit: async () => 1,
  report: async () => [],
};
const own = decoder({ name: "own", help: "", source: "", parameters: {}, commit: () => {} });

function reason({
  decoder = { name: "fixed" },
  cache = { name: "block" },
  blockLength = 8,
  topLogprobs = null as number | null,
  guesses = false,
}) {
  const layout = {
    prompt: [1, 2],
    genLength: 8,
    blockLength,
    maskToken: 9,
    maskBlock: blockLength,
    origin: 0,
  };
  const canvas = generationCanvas({
    ...layout,
    alignBlocksToGrid: false,
    trimLastBlock: false,
    subBlockLength: null,
    seeded: false,
    endToken: undefined,
  });
  const options = {
    canvas,
    maskToken: 9,
    stopTokens: [8],
    earlyStop: true,
    forbidden: undefined,
    origin: 0,
    shift: 0,
    maskBlock: blockLength,
    smoothing: undefined,
    topLogprobs,
    guesses,
    maxForwards: null,
    prefillTokens: 256,
    decoder: bind("decoder", [...decoders, own], decoder as Choice),
    cache: bind("cache", cachePolicies, cache as Choice),
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
  } as const satisfies Sequence["options"];
  const task = new Task({
    options,
    tokenizer: undefined,
    text: undefined,
    infilling: undefined,
    guidance: undefined,
    hasStopStrings: false,
    signal: undefined,
    forwards: 0,
    queuedMs: 0,
    urgency: { priority: 0, acceptedAt: 0, deadlineMs: null },
  });
  return whyNotOnDevice(task, loop);
}

test("a device decides what it has, and the reason says why it cannot", () => {
  expect(reason({})).toBeUndefined();
  expect(reason({ blockLength: 16 })).toBe("it has no decoder 'fixed' for blocks of 16 positions");
  expect(reason({ topLogprobs: 0 })).toBeUndefined();
  expect(reason({ topLogprobs: 1 })).toBe(
    "it has no decoder 'fixed' for blocks of 8 positions with 1 best tokens each",
  );
  expect(reason({ decoder: { name: "own" } })).toBe("decoder 'own' is not a built-in one");
  expect(reason({ cache: { name: "subBlock" } })).toMatch(/'subBlock' depend on what was committed/);
  expect(reason({ cache: { name: "dInferBlock" } })).toMatch(/'dInferBlock' are planned one by one/);
  expect(reason({ guesses: true })).toBe("a device does not report the guesses at undecided positions");
  const ties = { name: "fixed", ties: "torch" };
  expect(reason({ decoder: ties })).toBe("kernels do not support ties 'torch'");
});
