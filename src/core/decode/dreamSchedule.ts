import { choice, number, probability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/** Time `index` of steps + 1 equal steps from 1 down to eps; in f32 and from both ends, as torch.linspace does. */
export function time(index: number, steps: number, eps: number): number {
  const end = fround(eps);
  const stride = fround(fround(end - 1) / steps);
  if (index < (steps + 1) >> 1) return fround(1 + fround(stride * index));
  return fround(end - fround(stride * (steps - index)));
}

/** The fraction of the open positions that a step commits, 1 - s/t in f32; undefined in the last step, which commits all. */
export function transferShare(step: number, steps: number, eps: number): number | undefined {
  if (step >= steps - 1) return undefined;
  const t = time(step, steps, eps);
  const s = time(step + 1, steps, eps);
  return fround(1 - fround(s / t));
}

/** How many of `open` positions a step commits; may round to 0. */
export function transferCount(open: number, step: number, steps: number, eps: number): number {
  const fraction = transferShare(step, steps, eps);
  if (fraction === undefined) return open;
  return Math.min(Math.max(Math.floor(fround(open * fraction)), 0), open);
}

const orders = ["probability", "margin", "entropy"] as const;

/**
 * The fraction of the open positions that the diffusion process unmasks between two times: the positions with the
 * highest scores or, with a temperature, positions drawn without replacement from softmax(score / temperature), as the
 * top k of Gumbel-perturbed scores.
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
    // The share of a step is the host's to compute: a device's division need not be exact.
    parameters: ({ steps, eps, order, algTemperature }, { step }) => {
      const share = transferShare(step, steps, eps);
      return {
        share: share === undefined ? null : { f32: share },
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
      // Gumbel noise; multiplied through by the temperature, so that a small one does not overflow.
      return algTemperature > 0 ? plain - algTemperature * Math.log(-Math.log(view.random(offset))) : plain;
    };
    for (const offset of topK(view.open, count, score)) out.commit(offset, view.token[offset]!);
  },
});
