import { choice } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/** Rounds to the nearest integer, halves to the even one. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The linear noise schedule alpha(u) = 1 - u in f32, at u = part / whole: the fraction that is unmasked. */
function alpha(part: number, whole: number): number {
  return fround(1 - fround(part / whole));
}

/** How many of `open` positions step j commits: the fraction 1 - (1 - alpha(s)) / (1 - alpha(t)), in f32. */
function transferred(open: number, j: number, steps: number): number {
  const before = fround(1 - alpha(steps - j, steps));
  const after = fround(1 - alpha(steps - j - 1, steps));
  const fraction = fround(1 - fround(after / before));
  return Math.min(open, roundToEven(fround(open * fraction)));
}

/** How many of `total` positions stay open after step j, rounded down. */
function remaining(total: number, j: number, steps: number): number {
  return Math.trunc(fround(fround(total) * fround((steps - j - 1) / steps)));
}

/**
 * The positions that each step commits of a block that starts with `total` open ones, whose open fraction falls linearly
 * to 0. Steps that commit none are left out.
 */
export function linearQuotas(
  total: number,
  steps: number,
  rounding: "committed" | "kept",
): readonly number[] {
  const quotas: number[] = [];
  let left = total;
  for (let j = 0; j < steps && left > 0; j++) {
    const quota = rounding === "kept" ? left - remaining(total, j, steps) : transferred(left, j, steps);
    if (quota <= 0) continue;
    quotas.push(quota);
    left -= quota;
  }
  return quotas;
}

/** The quota of one step; the last step commits all that is left. */
export function linearQuota(
  total: number,
  step: number,
  { steps, rounding }: { readonly steps: number; readonly rounding: "committed" | "kept" },
): number {
  const quotas = linearQuotas(total, steps, rounding);
  return step >= quotas.length - 1 ? total : quotas[step]!;
}

const orders = ["probability", "entropy"] as const;

/** As many positions a step as a linear noise schedule unmasks, those with the highest scores first. */
export const linearSchedule = decoder({
  name: "linearSchedule",
  help: "Linear alpha schedule: commits what a linear noise schedule unmasks in each step, the positions with the highest scores first.",
  source: "A2D (dLLM library), LinearAlphaScheduler; RND1, diffusion sampling",
  parameters: {
    steps,
    order: choice(orders, {
      default: "probability",
      help: "the score of a position: its top-1 probability, or its negative entropy",
    }),
    rounding: choice(["committed", "kept"], {
      default: "committed",
      help: "which count is rounded: committed positions (halves to even), or kept ones, which stay open (down)",
    }),
  },
  kernel: {
    // The count of a step follows from those before it.
    parameters: ({ steps, order, rounding }, { step, openAtStart }) => ({
      count: linearQuota(openAtStart, step, { steps, rounding }),
      order: orders.indexOf(order),
    }),
  },
  commit(view, { steps, order, rounding }, out) {
    const { open, openAtStart, step, token } = view;
    const count = linearQuota(openAtStart, step, { steps, rounding });
    const score = (offset: number) => orderScores[order](view, offset);
    for (const offset of topK(open, count, score)) out.commit(offset, token[offset]!);
  },
});
