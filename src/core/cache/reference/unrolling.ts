/**
 * Unrolling: some iterations run before the implementation looks whether a block is complete, so the last ones may fall on
 * a finished block. Source: dInfer (arXiv 2510.08666).
 */
import { integer, optionalInteger, type ValuesOf } from "../../declare/index.ts";

export const unrollParameters = {
  unrollExpected: optionalInteger({
    default: null,
    minimum: 1,
    help: "unrolling: tokens that an iteration is expected to commit; off looks at the block after each iteration",
  }),
  unrollMaximum: integer({
    default: 4,
    minimum: 1,
    help: "unrolling: maximum iterations before the implementation looks whether the block is complete",
  }),
} as const;

type Unrolling = ValuesOf<typeof unrollParameters>;

/** floor(open positions / expected), at least 1 and at most the maximum; without unrolling 1. */
export function unrolledIterations({ unrollExpected, unrollMaximum }: Unrolling, openCount: number): number {
  if (unrollExpected === null) return 1;
  return Math.min(Math.max(Math.floor(openCount / unrollExpected), 1), unrollMaximum);
}
