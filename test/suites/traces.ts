/**
 * dInfer's own generations on models/tiny, one case a trace. With the loop on the host: the same tokens, steps and
 * passes. With the loop on the device, which does not make passes on finished blocks: the same tokens and steps.
 */
import type { Engine } from "../../src/core/index.ts";
import { type Choose, chosen, type Trace, type TraceFile } from "./oracleFiles.ts";
import { commitsOf, fromTrace, runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings, sharedEngine, suiteName } from "./suite.ts";

export async function traceSuite(surroundings: Surroundings, choose: Choose): Promise<Suite> {
  const file = await surroundings.json<TraceFile>("traces.json");
  const { load, end } = sharedEngine(surroundings, surroundings.tinyModel);
  const onDevice = surroundings.loop === "device";
  const traces = onDevice ? file.traces.filter(isIndependentOfIdlePasses) : file.traces;
  const same = onDevice ? sameSteps : samePasses;
  const cases = chosen(traces, choose).map((trace, index) => ({
    name: `${trace.config} (${index})`,
    run: async () => same(await load(), trace),
  }));
  return { name: suiteName("traces", surroundings), cases, end };
}

/**
 * Whether the tokens stay the same without the passes on finished blocks: such a pass advances smoothing's schedules, and
 * vicinity's first refresh depends on the passes before it.
 */
function isIndependentOfIdlePasses(trace: Trace): boolean {
  const { request, forwards, steps } = trace;
  const idle = forwards > steps.length;
  if (request.cache.name === "vicinity") return !idle && !isRefreshedTwice(trace);
  return !idle || request.smoothing === null;
}

/**
 * Whether the block of vicinity's first refresh gets a second one, two passes later: dInfer does not record that it has refreshed it, and
 * makes up for that in all blocks but the first. Of a trace without idle passes, where pass and step have one number.
 */
function isRefreshedTwice({ request, steps }: Trace): boolean {
  const blockOf = (step: number) => {
    const position = steps[step]?.[0]?.[0];
    return position === undefined
      ? undefined
      : Math.floor((position - request.prompt.length) / request.block);
  };
  const warmup = Number((request.cache as { readonly warmup?: number }).warmup);
  const first = blockOf(warmup);
  return first !== undefined && first > 0 && blockOf(warmup + 2) === first;
}

async function samePasses(engine: Engine, trace: Trace): Promise<void> {
  const { steps, done } = await runToEnd(engine, fromTrace(trace.request));
  equal(commitsOf(steps), trace.steps, "commits");
  equal(done.canvas, trace.x, "tokens");
  const passes = steps.map(({ window }) => [window.start, window.end - window.start]);
  equal(passes, trace.passes, "passes");
  equal(done.usage.forwards, trace.forwards, "forwards");
  equal(done.usage.refreshes, trace.refreshes, "refreshes");
}

async function sameSteps(engine: Engine, trace: Trace): Promise<void> {
  const { steps, done } = await runToEnd(engine, fromTrace({ ...trace.request, mode: "default" }));
  equal(commitsOf(steps), trace.steps, "commits");
  equal(done.canvas, trace.x, "tokens");
}
