/**
 * Unrolling: an implementation runs several iterations before it checks whether the block is complete, so the last iterations
 * may compute a finished block. Source: dInfer (arXiv 2510.08666).
 */
import { integer, optionalInteger, type ValuesOf } from "../../declare/index.ts";

export const unrollParameters = {
  unrollExpected: optionalInteger({
    default: null,
    minimum: 1,
    help: "unrolling: expected commits per iteration; off checks the block after each iteration",
  }),
  unrollMaximum: integer({
    default: 4,
    minimum: 1,
    help: "unrolling: maximum iterations before the implementation checks whether the block is complete",
  }),
} as const;

type Unrolling = ValuesOf<typeof unrollParameters>;

/** The number of iterations until the next check: floor(open positions / expected), from 1 to the maximum; 1 without unrolling. */
export function unrolledIterations({ unrollExpected, unrollMaximum }: Unrolling, openCount: number): number {
  if (unrollExpected === null) return 1;
  return Math.min(Math.max(Math.floor(openCount / unrollExpected), 1), unrollMaximum);
}
