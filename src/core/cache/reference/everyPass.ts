/** The common part of the reference policies: unrolling, and that every pass is made as planned. */
import type { Parameters, ValuesOf } from "../../declare/index.ts";
import { type CachePolicy, type CacheState, cachePolicy } from "../policy.ts";
import { unrolledIterations, unrollParameters } from "./unrolling.ts";

interface Iterations {
  /** Iterations, including the current one, before the sequence may leave the block. */
  readonly iterationsLeft: number;
}

interface ReferencePolicy<P extends Parameters, State extends CacheState>
  extends Omit<CachePolicy<P, State>, "everyPass" | "holdsBlock"> {
  /** Whether the current iteration has a second pass. By default, an iteration is one pass. */
  hasSecondPass?(state: State): boolean;
}

/** Declares a policy with `everyPass`, which leaves a block only after the last of its unrolled iterations. */
export function everyPass<const P extends Parameters, State extends CacheState>({
  hasSecondPass,
  ...policy
}: ReferencePolicy<P, State>): CachePolicy {
  return cachePolicy<P & typeof unrollParameters, State & Iterations>({
    ...policy,
    everyPass: true,
    parameters: { ...policy.parameters, ...unrollParameters },
    initial: { ...policy.initial, iterationsLeft: 0 },
    next(state, view, parameters) {
      const pass = policy.next(state, view, parameters as ValuesOf<P>);
      const unrolling = parameters as ValuesOf<typeof unrollParameters>;
      const left = state.iterationsLeft || unrolledIterations(unrolling, view.openCount);
      const iterationsLeft = hasSecondPass?.(pass.state) ? left : left - 1;
      return { ...pass, state: { ...pass.state, iterationsLeft } };
    },
    holdsBlock: ({ iterationsLeft }) => iterationsLeft > 0,
  });
}
