/** All that a backend must pass in a runtime. */
import { blockTraceSuite } from "./blockTraces.ts";
import { conformanceSuite } from "./conformance/index.ts";
import { logitsSuite } from "./logits.ts";
import { cheapest, everyTrace } from "./oracleFiles.ts";
import type { Loop, Suite, Surroundings } from "./suite.ts";
import { traceSuite } from "./traces.ts";

/** How many traces are run: two of each configuration, or all, the block-causal ones with each cache. */
export type Extent = "some" | "all";

/** @param loops what engines are loaded with, one after the other; empty for a backend without a loop of its own */
export async function backendSuites(
  surroundings: Surroundings,
  loops: readonly Loop[],
  extent: Extent,
): Promise<readonly Suite[]> {
  const choose = extent === "all" ? everyTrace : cheapest(2);
  const caches = extent === "all" ? ["block", "none", "dual"] : ["block"];
  const places = loops.length === 0 ? [surroundings] : loops.map((loop) => ({ ...surroundings, loop }));
  const suites: Suite[] = [conformanceSuite(surroundings)];
  for (const place of places) {
    suites.push(logitsSuite(place), await traceSuite(place, choose));
    suites.push(await blockTraceSuite(place, caches, choose));
  }
  return suites;
}
