/** dInfer's own generations on the embedded model: the same tokens, steps and passes, one case a trace. */
import type { Engine } from "../../src/core/index.ts";
import { type Choose, chosen, type Trace, type TraceFile } from "./oracleFiles.ts";
import { commitsOf, fromTrace, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine, suiteName } from "./suite.ts";

export async function traceSuite(surroundings: Surroundings, choose: Choose): Promise<Suite> {
  const file = await surroundings.json<TraceFile>("traces.json");
  const { load, end } = sharedEngine(surroundings, surroundings.embeddedModel);
  const cases = chosen(file.traces, choose).map((trace, index) => ({
    name: `${trace.config} (${index})`,
    run: async () => sameTrace(await load(), trace),
  }));
  return { name: suiteName("traces", surroundings), cases, end };
}

async function sameTrace(engine: Engine, trace: Trace): Promise<void> {
  const { steps, done } = await runToEnd(engine, fromTrace(trace.request));
  equal(commitsOf(steps), trace.steps, "commits");
  equal(done.canvas, trace.x, "tokens");
  const passes = steps.map(({ window }) => [window.start, window.end - window.start]);
  equal(passes, trace.passes, "passes");
  equal(done.usage.forwards, trace.forwards, "forwards");
  equal(done.usage.refreshes, trace.refreshes, "refreshes");
}
