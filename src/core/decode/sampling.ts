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
    help: "sample among the so many most probable tokens only; 0 is off",
  }),
  topP: probability({
    default: 1,
    help: "sample among the most probable tokens that reach this mass only; 1 is off",
  }),
  minP: probability({
    default: 0,
    help: "sample among tokens at least this probable, relative to the most probable one; 0 is off",
  }),
  greedy: boolean({
    default: false,
    help: "take the most probable token at any temperature, which then shapes scores alone",
  }),
  confidenceFrom: choice(["raw", "sampling"], {
    default: "raw",
    help: "of which distribution decoders see confidence, lead and entropy: the plain softmax, or the one sampled from",
  }),
  seed: integer({ default: 0, minimum: 0, maximum: 2 ** 32 - 1, help: "of the random generator" }),
} as const;

export type SamplingValues = ValuesOf<typeof samplingParameters>;
