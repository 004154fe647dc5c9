/** What the policies of published implementations have in common: unrolling, and that no pass is left out or cut. */
import type { Parameters, ValuesOf } from "../../declare/index.ts";
import { type CachePolicy, type CacheState, cachePolicy } from "../policy.ts";
import { unrolledIterations, unrollParameters } from "./unrolling.ts";

interface Iterations {
  /** Iterations, the current one included, before the block may be left. */
  readonly iterationsLeft: number;
}

interface Published<P extends Parameters, State extends CacheState>
  extends Omit<CachePolicy<P, State>, "everyPass" | "holdsBlock"> {
  /** Whether the iteration goes on with a second pass in this state. Without it, an iteration is one pass. */
  hasSecondPass?(state: State): boolean;
}

/** A policy whose passes are all made, and whose blocks are left only between iterations. */
export function everyPass<const P extends Parameters, State extends CacheState>({
  hasSecondPass,
  ...policy
}: Published<P, State>): CachePolicy {
  return cachePolicy<P & typeof unrollParameters, State & Iterations>({
    ...policy,
    everyPass: true,
    parameters: { ...policy.parameters, ...unrollParameters },
    initial: { ...policy.initial, iterationsLeft: 0 },
    next(state, view, parameters) {
      const pass = policy.next(state, view, parameters as ValuesOf<P>);
      const unrolling = parameters as ValuesOf<typeof unrollParameters>;
      const begun = state.iterationsLeft || unrolledIterations(unrolling, view.openCount);
      const iterationsLeft = hasSecondPass?.(pass.state) ? begun : begun - 1;
      return { ...pass, state: { ...pass.state, iterationsLeft } };
    },
    holdsBlock: ({ iterationsLeft }) => iterationsLeft > 0,
  });
}
