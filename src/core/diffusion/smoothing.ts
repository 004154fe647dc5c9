/**
 * Iteration smoothing: an undecided position gets, in the next pass, its mask embedding plus a weighted mixture of the
 * token embeddings that the last pass expected there. Source: dInfer (arXiv 2510.08666), soft diffusion iteration.
 */
import { integer, number, probability, type ValuesOf } from "../declare/index.ts";

export const smoothingParameters = {
  weight: probability({ default: 0.3, help: "maximum weight of the mixture" }),
  init: probability({ default: 0.15, help: "weight of the mixture in the first pass" }),
  growth: number({ default: 0.02, minimum: 0, help: "increase of the weight per pass" }),
  decay: number({
    default: 0.02,
    minimum: 0,
    help: "decrease of the threshold per pass, from 1 down to the decoder's",
  }),
  topK: integer({
    default: 0,
    minimum: 0,
    help: "mix the embeddings of the k most probable tokens; 0 mixes all, which is exact",
  }),
} as const;

export type Smoothing = ValuesOf<typeof smoothingParameters>;

/** The mixture's weight in pass i of a sequence. */
export function smoothingWeight({ init, growth, weight }: Smoothing, i: number): number {
  return Math.min(init + growth * i, weight);
}

/** The threshold in pass i of a sequence. */
export function smoothingThreshold({ decay }: Smoothing, threshold: number, i: number): number {
  return Math.max(1 - decay * i, threshold);
}
