/** The run that the page shows: its recording, how it goes, and how to begin and end one. */
import { signal } from "@preact/signals";
import type { GenerateRequest } from "../../src/core/index.ts";
import type { RemoteEngine } from "../../src/remote/index.ts";
import { Recording } from "../run/index.ts";
import { endEngine } from "./engineState.ts";
import { isAbort, isEnd, type Problem, problemOf } from "./problem.ts";

export interface Run {
  readonly request: GenerateRequest;
  readonly recording: Recording;
  readonly status: "running" | "done" | "cancelled" | "failed";
  readonly problem?: Problem;
}

export const run = signal<Run | undefined>(undefined);
/** Counts the events of the run: a view that reads it is drawn again when the recording has grown. */
export const growth = signal(0);

let controller: AbortController | undefined;

/** Begins a run in place of the present one, and resolves when it ends. */
export async function startRun(engine: RemoteEngine, request: GenerateRequest): Promise<void> {
  controller?.abort();
  const own = new AbortController();
  controller = own;
  const recording = new Recording({ stopTokens: engine.info.stopTokens });
  const show = (end: Pick<Run, "status" | "problem">) => {
    if (controller === own) run.value = { request, recording, ...end };
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
    if (isEnd(error)) endEngine(problemOf(error));
    show(isAbort(error) ? { status: "cancelled" } : { status: "failed", problem: problemOf(error) });
  }
}

export function cancelRun(): void {
  controller?.abort();
}
