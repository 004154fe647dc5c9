/** The runs that the page shows, one for each lane: their recordings, how they go, and how to begin and end them. */
import { computed, signal } from "@preact/signals";
import {
  type EngineHandle,
  type GenerateRequest,
  type TraceHeader,
  traceHeader,
} from "../../src/core/index.ts";
import { type OpTimes, Recording, timesSince } from "../run/index.ts";
import { endEngine } from "./engineState.ts";
import { isAbort, isEnd, type Problem, problemOf } from "./problem.ts";

export interface Run {
  readonly request: GenerateRequest;
  /** What the run is saved with. */
  readonly header: TraceHeader;
  readonly recording: Recording;
  /** The name of the file that the run comes from; absent for one of this page. */
  readonly file?: string;
  /** `waiting`: for the runs of the lanes before. */
  readonly status: "waiting" | "running" | "done" | "cancelled" | "failed";
  readonly problem?: Problem;
  /** Time by op, once the run has ended; empty if it was not measured. */
  readonly opTimes?: OpTimes;
}

/** By lane. */
export const runs = signal<readonly Run[]>([]);
/** The run of the first lane. */
export const run = computed(() => runs.value[0]);
/** Whether a run is going on or waiting. */
export const isRunning = computed(() =>
  runs.value.some(({ status }) => status === "running" || status === "waiting"),
);
/** Counts the events of all runs: a view that reads it is drawn again when a recording has grown. */
export const growth = signal(0);

/** Forwards that go before a comparison on an engine that has run nothing yet. */
const warmUpForwards = 2;

let controller: AbortController | undefined;
/** Engines that have run: code is compiled, and memory was touched. */
const warm = new WeakSet<EngineHandle>();

/**
 * Begins one run for each request in place of the present ones, and resolves when all have ended. The runs go one after the
 * other: two at a time would share the device, and the times of each would depend on the other. The first run of an engine is slower
 * than later ones, so a comparison begins with some forwards that count for nothing.
 */
export async function startRuns(engine: EngineHandle, requests: readonly GenerateRequest[]): Promise<void> {
  controller?.abort();
  const own = new AbortController();
  controller = own;
  const { stopTokens } = engine.info;
  runs.value = requests.map((request) => {
    const header = traceHeader(engine, request);
    return { request, header, recording: new Recording({ stopTokens }), status: "waiting" };
  });
  if (requests.length > 1 && !warm.has(engine)) await warmUp(engine, requests[0]!, own.signal);
  for (const lane of requests.keys()) {
    if (controller !== own) return;
    await runLane(engine, lane, own);
  }
}

/** Cancels all runs. */
export function cancelRun(): void {
  controller?.abort();
}

/** A failure shows again in the run itself, which reports it. */
async function warmUp(engine: EngineHandle, request: GenerateRequest, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of engine.generate({ ...request, maxForwards: warmUpForwards }, { signal }));
  } catch {}
}

async function runLane(engine: EngineHandle, lane: number, own: AbortController): Promise<void> {
  const begun = runs.value[lane]!;
  const { request, recording } = begun;
  const show = (end: Pick<Run, "status" | "problem" | "opTimes">) => {
    if (controller === own) runs.value = runs.value.with(lane, { ...begun, ...end });
  };
  show({ status: "running" });
  growth.value++;
  try {
    const { times: before = [] } = await engine.status();
    for await (const event of engine.generate(request, { signal: own.signal })) {
      recording.add(event);
      const unnamed = event.type === "start" || event.type === "step" ? recording.unnamedTokens : [];
      if (unnamed.length > 0) recording.nameTokens(unnamed, await engine.tokenTexts(unnamed));
      growth.value++;
    }
    warm.add(engine);
    const { times: after = [] } = await engine.status();
    show({ status: "done", opTimes: timesSince(before, after) });
  } catch (error) {
    if (isEnd(error)) endEngine(problemOf(error));
    show(isAbort(error) ? { status: "cancelled" } : { status: "failed", problem: problemOf(error) });
  }
}

/** Shows a run that was saved, in place of the present ones. */
export function showRun(saved: Run): void {
  controller?.abort();
  controller = undefined;
  runs.value = [saved];
  growth.value++;
}
