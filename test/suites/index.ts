/** All that a backend must pass in a runtime. */
import { batchSuite } from "./batch.ts";
import { blockTraceSuite } from "./blockTraces.ts";
import { logitsSuite } from "./logits.ts";
import { loopSuite } from "./loop.ts";
import { cheap, everyTrace } from "./oracleFiles.ts";
import { quantizedSuite } from "./quantized.ts";
import { everyCase, oneCase, samplerSuite } from "./samplers.ts";
import type { Suite, Surroundings } from "./suite.ts";
import { traceSuite } from "./traces.ts";

/**
 * How much is run. `some`: two traces of each configuration, one with the loop on the host and one with it on the device.
 * `all`: every trace in both, many prompts for each decoder, and every case of the official samplers, of which else one
 * each is run.
 */
export type Extent = "some" | "all";

/** @param hasKernel whether the backend's loop runs a decoder; default: whether WebGPU has a kernel for it */
export async function backendSuites(
  surroundings: Surroundings,
  extent: Extent,
  hasKernel?: (decoder: string) => boolean,
): Promise<readonly Suite[]> {
  const all = extent === "all";
  const suites: Suite[] = [logitsSuite(surroundings)];
  for (const [index, loop] of (["host", "device"] as const).entries()) {
    const choose = all ? everyTrace : cheap(index);
    const place = { ...surroundings, loop };
    suites.push(await traceSuite(place, choose), await blockTraceSuite(place, ["block"], choose));
    suites.push(batchSuite(place));
  }
  suites.push(await loopSuite(surroundings, all ? 50 : 2, hasKernel));
  suites.push(quantizedSuite(surroundings));
  suites.push(await samplerSuite(surroundings, all ? everyCase : oneCase));
  return suites;
}
