/** dInfer's own generations on the embedded model: the same tokens, steps and passes, one case a trace. */
import { Engine } from "../../src/core/index.ts";
import type { Trace, TraceFile } from "./oracleFiles.ts";
import { commitsOf, fromTrace, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings } from "./suite.ts";

/** @param select which traces, by index among those of the same configuration */
export async function traceSuite(
  surroundings: Surroundings,
  select: (index: number) => boolean,
): Promise<Suite> {
  const file = await surroundings.json<TraceFile>("traces.json");
  const engine = Engine.load(surroundings.embeddedModel, { backend: surroundings.backend });
  const seen = new Map<string, number>();
  const chosen = file.traces.filter((trace) => {
    const index = seen.get(trace.config) ?? 0;
    seen.set(trace.config, index + 1);
    return select(index);
  });
  const cases = chosen.map((trace, index) => ({
    name: `${trace.config} (${index})`,
    run: async () => sameTrace(await engine, trace),
  }));
  return { name: "traces", cases };
}

async function sameTrace(engine: Engine, trace: Trace): Promise<void> {
  const { steps, done } = await runToEnd(engine, fromTrace(trace.request));
  equal(commitsOf(steps), trace.steps, "commits");
  const passes = steps.map(({ window }) => [window.start, window.end - window.start]);
  equal(passes, trace.passes, "passes");
  equal(done.canvas, trace.x, "tokens");
  equal(done.usage.forwards, trace.forwards, "forwards");
  equal(done.usage.refreshes, trace.refreshes, "refreshes");
}
