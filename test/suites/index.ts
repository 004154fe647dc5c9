/** All that a backend must pass in a runtime. */
import { batchSuite } from "./batch.ts";
import { blockTraceSuite } from "./blockTraces.ts";
import { logitsSuite } from "./logits.ts";
import { loopSuite } from "./loop.ts";
import { cheap, everyTrace } from "./oracleFiles.ts";
import { quantizedSuite } from "./quantized.ts";
import { everyCase, oneCase, samplerSuite } from "./samplers.ts";
import type { Loop, Suite, Surroundings } from "./suite.ts";
import { traceSuite } from "./traces.ts";

/**
 * How much is run. `some`: two traces of each configuration, one with the loop on the host and one with it on the device.
 * `all`: every trace in both, many prompts for each decoder, and every case of the official samplers, of which else one
 * each is run.
 */
export type Extent = "some" | "all";

const loops: readonly Loop[] = ["host", "device"];

/** @param hasKernel whether the backend's loop runs a decoder; default: whether WebGPU has a kernel for it */
export async function backendSuites(
  surroundings: Surroundings,
  extent: Extent,
  hasKernel?: (decoder: string) => boolean,
): Promise<readonly Suite[]> {
  const traces = loops.map((loop) => traceSuites({ ...surroundings, loop }, extent));
  return [...(await Promise.all(traces)).flat(), ...(await modelSuites(surroundings, extent, hasKernel))];
}

/** The generations of other implementations, where `surroundings.loop` decides. */
export async function traceSuites(
  surroundings: Surroundings & { readonly loop: Loop },
  extent: Extent,
): Promise<readonly Suite[]> {
  const choose = extent === "all" ? everyTrace : cheap(loops.indexOf(surroundings.loop));
  return [await traceSuite(surroundings, choose), await blockTraceSuite(surroundings, ["block"], choose)];
}

/** All but the traces. */
export async function modelSuites(
  surroundings: Surroundings,
  extent: Extent,
  hasKernel?: (decoder: string) => boolean,
): Promise<readonly Suite[]> {
  const all = extent === "all";
  return [
    logitsSuite(surroundings),
    ...loops.map((loop) => batchSuite({ ...surroundings, loop })),
    await loopSuite(surroundings, all ? 50 : 2, hasKernel),
    quantizedSuite(surroundings),
    await samplerSuite(surroundings, all ? everyCase : oneCase),
  ];
}
