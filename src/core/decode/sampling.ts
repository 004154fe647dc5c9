import { boolean, choice, integer, number, probability, type ValuesOf } from "../declare/index.ts";

/** How a request lets tokens be chosen. */
export const samplingParameters = {
  temperature: number({
    default: 0,
    minimum: 0,
    help: "0 takes the most probable token; above, tokens are sampled",
  }),
  topK: integer({
    default: 0,
    minimum: 0,
    help: "sample among the k most probable tokens; 0 is off",
  }),
  topP: probability({
    default: 1,
    help: "sample among the fewest most probable tokens whose mass reaches this; 1 is off",
  }),
  minP: probability({
    default: 0,
    help: "sample among tokens at least this probable, relative to the most probable one; 0 is off",
  }),
  greedy: boolean({
    default: false,
    help: "take the most probable token at any temperature; the temperature then shapes scores only",
  }),
  confidenceFrom: choice(["raw", "sampling"], {
    default: "raw",
    help: "the distribution of confidence, margin and entropy: raw is the plain softmax, sampling the one that tokens are drawn from",
  }),
  seed: integer({ default: 0, minimum: 0, maximum: 2 ** 32 - 1, help: "seed of the random generator" }),
} as const;

export type SamplingValues = ValuesOf<typeof samplingParameters>;
