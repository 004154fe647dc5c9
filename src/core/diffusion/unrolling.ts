/** Unrolling: how many steps run before the host looks whether a block is complete. Source: dInfer (arXiv 2510.08666). */
import { integer, type ValuesOf } from "../declare/index.ts";

export const unrollParameters = {
  expected: integer({ default: 8, minimum: 1, help: "tokens that a step is expected to commit" }),
  maximum: integer({ default: 4, minimum: 1, help: "most steps before the host looks" }),
} as const;

export type Unrolling = ValuesOf<typeof unrollParameters>;

/** floor(masked / expected), at least 1 and at most `maximum`. */
export function unrolledSteps({ expected, maximum }: Unrolling, maskedCount: number): number {
  return Math.min(Math.max(Math.floor(maskedCount / expected), 1), maximum);
}
