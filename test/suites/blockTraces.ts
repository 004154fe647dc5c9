/** Block-causal generations by an implementation that recomputes everything: the same tokens in the same steps. */
import { Engine } from "../../src/core/index.ts";
import type { TraceFile } from "./oracleFiles.ts";
import { commitsOf, fromTrace, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings } from "./suite.ts";

/** @param caches run on each: what they keep must make no difference */
export async function blockTraceSuite(surroundings: Surroundings, caches: readonly string[]): Promise<Suite> {
  const file = await surroundings.json<TraceFile>("block-traces.json");
  const engine = Engine.load(surroundings.embeddedModel, { backend: surroundings.backend });
  const cases = file.traces.flatMap((trace, index) =>
    caches.map((cache) => ({
      name: `${trace.config} (${index}), cache ${cache}`,
      run: async () => {
        const request = { ...fromTrace(trace.request), cache: { name: cache } };
        const { steps, done } = await runToEnd(await engine, request);
        equal(commitsOf(steps), trace.steps, "commits");
        equal(done.canvas, trace.x, "tokens");
      },
    })),
  );
  return { name: "block traces", cases };
}
