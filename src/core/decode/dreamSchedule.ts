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

/** The share of the open positions that step `step` commits, 1 - s/t in f32; undefined in the last one: all. */
export function transferShare(step: number, steps: number, eps: number): number | undefined {
  if (step >= steps - 1) return undefined;
  const t = time(step, steps, eps);
  const s = time(step + 1, steps, eps);
  return fround(1 - fround(s / t));
}

/** How many of `open` positions step `step` commits; its share may round to 0. */
export function transferCount(open: number, step: number, steps: number, eps: number): number {
  const share = transferShare(step, steps, eps);
  if (share === undefined) return open;
  return Math.min(Math.max(Math.floor(fround(open * share)), 0), open);
}

/**
 * The share of the open positions that the diffusion process would unmask between two times: the surest ones,
 * or, with a temperature, positions drawn without replacement from softmax(score / temperature), as the top of
 * Gumbel-perturbed scores.
 */
export const dreamSchedule = decoder({
  name: "dreamSchedule",
  help: "Commits what Dream's time schedule unmasks in each step, the surest positions first.",
  source: "Dream (arXiv 2508.15487), diffusion_generate",
  parameters: {
    steps,
    eps: probability({ default: 1e-3, help: "the time at which the schedule ends" }),
    order: choice(["probability", "margin", "entropy"], {
      default: "entropy",
      help: "what makes a position sure: its probability, its lead over the second-best, or little entropy",
    }),
    algTemperature: number({
      default: 0,
      minimum: 0,
      help: "0 takes the surest positions; above, positions are sampled",
    }),
  },
  transferCount: ({ open, step }, { steps, eps }) => transferCount(open, step, steps, eps),
  commit(view, { steps, eps, order, algTemperature }, out) {
    const count = transferCount(view.open.length, view.step, steps, eps);
    const score = (offset: number) => {
      const sure = orderScores[order](view, offset);
      // Gumbel noise; multiplied through by the temperature, so that a small one does not overflow.
      return algTemperature > 0 ? sure - algTemperature * Math.log(-Math.log(view.random(offset))) : sure;
    };
    for (const offset of topK(view.open, count, score)) out.commit(offset, view.token[offset]!);
  },
});
