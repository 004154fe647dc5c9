/** The runs that the page shows, one for each lane: their recordings, how they go, and how to begin and end them. */
import { computed, signal } from "@preact/signals";
import type { GenerateRequest } from "../../src/core/index.ts";
import type { RemoteEngine } from "../../src/remote/index.ts";
import { Recording } from "../run/index.ts";
import { isAbort, type Problem, problemOf } from "./problem.ts";

export interface Run {
  readonly request: GenerateRequest;
  readonly recording: Recording;
  /** `waiting`: for the runs of the lanes before. */
  readonly status: "waiting" | "running" | "done" | "cancelled" | "failed";
  readonly problem?: Problem;
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

let controller: AbortController | undefined;

/**
 * Begins one run for each request in place of the present ones, and resolves when all have ended. The runs go one after the
 * other: two at a time would share the device, and the times of each would depend on the other.
 */
export async function startRuns(engine: RemoteEngine, requests: readonly GenerateRequest[]): Promise<void> {
  controller?.abort();
  const own = new AbortController();
  controller = own;
  const { stopTokens } = engine.info;
  runs.value = requests.map((request) => {
    return { request, recording: new Recording({ stopTokens }), status: "waiting" };
  });
  for (const lane of requests.keys()) {
    if (controller !== own) return;
    await runLane(engine, lane, own);
  }
}

/** Cancels all runs. */
export function cancelRun(): void {
  controller?.abort();
}

async function runLane(engine: RemoteEngine, lane: number, own: AbortController): Promise<void> {
  const { request, recording } = runs.value[lane]!;
  const show = (end: Pick<Run, "status" | "problem">) => {
    if (controller === own) runs.value = runs.value.with(lane, { request, recording, ...end });
  };
  show({ status: "running" });
  growth.value++;
  try {
    for await (const event of engine.generate(request, { signal: own.signal })) {
      recording.add(event);
      const unnamed = event.type === "start" || event.type === "step" ? recording.unnamedTokens : [];
      if (unnamed.length > 0) recording.nameTokens(unnamed, await engine.tokenTexts(unnamed));
      growth.value++;
    }
    show({ status: "done" });
  } catch (error) {
    show(isAbort(error) ? { status: "cancelled" } : { status: "failed", problem: problemOf(error) });
  }
}
