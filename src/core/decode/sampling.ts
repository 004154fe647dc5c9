import { boolean, choice, integer, number, probability, type ValuesOf } from "../declare/index.ts";

/** The request's parameters for the choice of tokens. */
export const samplingParameters = {
  temperature: number({
    default: 0,
    minimum: 0,
    help: "0 takes the most probable token; above 0, tokens are sampled",
  }),
  topK: integer({
    default: 0,
    minimum: 0,
    help: "sample among the k most probable tokens; 0 is off",
  }),
  topP: probability({
    default: 1,
    help: "sample among the fewest tokens whose probabilities sum to this, the most probable first; 1 is off",
  }),
  minP: probability({
    default: 0,
    help: "sample among tokens with at least this fraction of the highest probability; 0 is off",
  }),
  greedy: boolean({
    default: false,
    help: "take the most probable token at any temperature; the temperature then affects only confidences",
  }),
  confidenceFrom: choice(["raw", "sampling"], {
    default: "raw",
    help: "the distribution of confidence, margin and entropy: raw is the plain softmax, sampling the one that tokens are drawn from",
  }),
  seed: integer({ default: 0, minimum: 0, maximum: 2 ** 32 - 1, help: "seed of the random generator" }),
} as const;

export type SamplingValues = ValuesOf<typeof samplingParameters>;
