/** Block-causal generations by an implementation that recomputes everything: the same tokens in the same steps. */
import { type Choose, chosen, type TraceFile } from "./oracleFiles.ts";
import { commitsOf, fromTrace, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine, suiteName } from "./suite.ts";

/** @param caches run on each: what they keep must make no difference */
export async function blockTraceSuite(
  surroundings: Surroundings,
  caches: readonly string[],
  choose: Choose,
): Promise<Suite> {
  const file = await surroundings.json<TraceFile>("block-traces.json");
  const { load, end } = sharedEngine(surroundings, surroundings.tinyModel);
  const cases = chosen(file.traces, choose).flatMap((trace, index) =>
    caches.map((cache) => ({
      name: `${trace.config} (${index}), cache ${cache}`,
      run: async () => {
        const request = { ...fromTrace(trace.request), cache: { name: cache } };
        const { steps, done } = await runToEnd(await load(), request);
        equal(commitsOf(steps), trace.steps, "commits");
        equal(done.canvas, trace.x, "tokens");
      },
    })),
  );
  return { name: suiteName("block traces", surroundings), cases, end };
}
