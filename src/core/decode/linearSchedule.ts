import { choice } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/** Rounds to the nearest integer, and halves to the even one. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The linear noise schedule alpha(u) = 1 - u in f32, at u = numerator / denominator: the fraction that is unmasked. */
function alpha(numerator: number, denominator: number): number {
  return fround(1 - fround(numerator / denominator));
}

/** The number of `open` positions that step j commits: the fraction 1 - (1 - alpha(s)) / (1 - alpha(t)), in f32. */
function transferred(open: number, j: number, steps: number): number {
  const before = fround(1 - alpha(steps - j, steps));
  const after = fround(1 - alpha(steps - j - 1, steps));
  const fraction = fround(1 - fround(after / before));
  return Math.min(open, roundToEven(fround(open * fraction)));
}

/** The number of `total` positions that stay open after step j, rounded down. */
function remaining(total: number, j: number, steps: number): number {
  return Math.trunc(fround(fround(total) * fround((steps - j - 1) / steps)));
}

/**
 * The number of positions that each step commits in a block with `total` open positions. The open fraction falls linearly to 0.
 * Steps that commit nothing are omitted.
 */
export function linearTransferCounts(
  total: number,
  steps: number,
  rounding: "committed" | "kept",
): readonly number[] {
  const counts: number[] = [];
  let left = total;
  for (let j = 0; j < steps && left > 0; j++) {
    const count = rounding === "kept" ? left - remaining(total, j, steps) : transferred(left, j, steps);
    if (count <= 0) continue;
    counts.push(count);
    left -= count;
  }
  return counts;
}

/** The number of positions that one step commits. The last step commits all open positions. */
export function linearTransferCount(
  total: number,
  step: number,
  { steps, rounding }: { readonly steps: number; readonly rounding: "committed" | "kept" },
): number {
  const counts = linearTransferCounts(total, steps, rounding);
  return step >= counts.length - 1 ? total : counts[step]!;
}

const orders = ["probability", "entropy"] as const;

/** Commits as many positions per step as a linear noise schedule unmasks, those with the highest scores first. */
export const linearSchedule = decoder({
  name: "linearSchedule",
  help: "Linear alpha schedule: commits as many positions per step as a linear noise schedule unmasks, those with the highest scores first.",
  source: "A2D (dLLM library), LinearAlphaScheduler; RND1, diffusion sampling",
  parameters: {
    steps,
    order: choice(orders, {
      default: "probability",
      help: "the score of a position: its top-1 probability, or its negative entropy",
    }),
    rounding: choice(["committed", "kept"], {
      default: "committed",
      help: "the count that is rounded: committed positions (halves to even), or kept ones, which stay open (down)",
    }),
  },
  kernel: {
    // The host computes the count, as the count of a step depends on those of the steps before.
    parameters: ({ steps, order, rounding }, { step, openAtStart }) => ({
      count: linearTransferCount(openAtStart, step, { steps, rounding }),
      order: orders.indexOf(order),
    }),
  },
  commit(view, { steps, order, rounding }, out) {
    const { open, openAtStart, step, token } = view;
    const count = linearTransferCount(openAtStart, step, { steps, rounding });
    const score = (offset: number) => orderScores[order](view, offset);
    for (const offset of topK(open, count, score)) out.commit(offset, token[offset]!);
  },
});
