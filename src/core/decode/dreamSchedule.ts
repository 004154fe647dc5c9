import { choice, number, probability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/** Element `index` of torch.linspace(1, eps, steps + 1): in f32, and computed from the nearer end. */
export function time(index: number, steps: number, eps: number): number {
  const end = fround(eps);
  const stride = fround(fround(end - 1) / steps);
  if (index < (steps + 1) >> 1) return fround(1 + fround(stride * index));
  return fround(end - fround(stride * (steps - index)));
}

/** The fraction of the open positions that a step commits: 1 - s/t in f32. Undefined in the last step, which commits all. */
export function transferFraction(step: number, steps: number, eps: number): number | undefined {
  if (step >= steps - 1) return undefined;
  const t = time(step, steps, eps);
  const s = time(step + 1, steps, eps);
  return fround(1 - fround(s / t));
}

/** The number of positions that a step commits if `open` are undecided; may round to 0. */
export function transferCount(open: number, step: number, steps: number, eps: number): number {
  const fraction = transferFraction(step, steps, eps);
  if (fraction === undefined) return open;
  return Math.min(Math.max(Math.floor(fround(open * fraction)), 0), open);
}

const orders = ["probability", "margin", "entropy"] as const;

/**
 * Commits the fraction of the open positions that the diffusion process unmasks between two times. Takes the positions with the
 * highest scores or, with a temperature, samples positions without replacement from softmax(score / temperature), as the top
 * k of Gumbel-perturbed scores.
 */
export const dreamSchedule = decoder({
  name: "dreamSchedule",
  help: "Commits what Dream's time schedule unmasks in each step, the positions with the highest scores first.",
  source: "Dream (arXiv 2508.15487), diffusion_generate",
  parameters: {
    steps,
    eps: probability({ default: 1e-3, help: "the time at which the schedule ends" }),
    order: choice(orders, {
      default: "entropy",
      help: "the score of a position: its top-1 probability, its top-1 to top-2 margin, or its negative entropy",
    }),
    algTemperature: number({
      default: 0,
      minimum: 0,
      help: "0 takes the positions with the highest scores; above 0 positions are sampled by score",
    }),
  },
  kernel: {
    // The host computes the fraction, as division on a device may be inexact.
    parameters: ({ steps, eps, order, algTemperature }, { step }) => {
      const fraction = transferFraction(step, steps, eps);
      return {
        share: fraction === undefined ? null : { f32: fraction },
        order: orders.indexOf(order),
        algTemperature: { f32: algTemperature },
      };
    },
  },
  transferCount: ({ open, step }, { steps, eps }) => transferCount(open, step, steps, eps),
  commit(view, { steps, eps, order, algTemperature }, out) {
    const count = transferCount(view.open.length, view.step, steps, eps);
    const score = (offset: number) => {
      const plain = orderScores[order](view, offset);
      // score / temperature + Gumbel noise, multiplied by the temperature so that a small temperature does not overflow.
      return algTemperature > 0 ? plain - algTemperature * Math.log(-Math.log(view.random(offset))) : plain;
    };
    for (const offset of topK(view.open, count, score)) out.commit(offset, view.token[offset]!);
  },
});
