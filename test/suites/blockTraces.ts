/** Block-causal generations by an implementation that recomputes everything: the same tokens in the same steps. */
import { ofEachConfiguration, type TraceFile } from "./oracleFiles.ts";
import { commitsOf, fromTrace, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine, suiteName } from "./suite.ts";

/**
 * @param caches run on each: what they keep must make no difference
 * @param select which traces, by index among those of the same configuration
 */
export async function blockTraceSuite(
  surroundings: Surroundings,
  caches: readonly string[],
  select: (index: number) => boolean = () => true,
): Promise<Suite> {
  const file = await surroundings.json<TraceFile>("block-traces.json");
  const { load, end } = sharedEngine(surroundings, surroundings.embeddedModel);
  const cases = ofEachConfiguration(file.traces, select).flatMap((trace, index) =>
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
