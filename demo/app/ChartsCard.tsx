/** The charts of the runs. They and their library are loaded once a model is ready: a run has its time for itself. */
import { type Signal, signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { ProblemNote } from "../controls/ProblemNote.tsx";
import { engineState } from "../engine/engineState.ts";
import { type Problem, problemOf } from "../engine/problem.ts";
import { recording } from "./playbackState.ts";

const charts: Signal<FunctionComponent | undefined> = signal(undefined);
const problem: Signal<Problem | undefined> = signal(undefined);

async function loadCharts(): Promise<void> {
  try {
    const { LaneCharts } = await import("../charts/LaneCharts.tsx");
    charts.value = LaneCharts;
  } catch (error) {
    problem.value = problemOf(error);
  }
}

export function ChartsCard() {
  const hasFrames = recording.value !== undefined;
  const isReady = hasFrames || engineState.value.phase === "ready";
  useEffect(() => {
    if (isReady && !charts.peek()) void loadCharts();
  }, [isReady]);
  if (!hasFrames) return null;
  const Charts = charts.value;
  return (
    <section class="card charts-card" aria-label="Charts">
      {Charts ? <Charts /> : problem.value && <ProblemNote problem={problem.value} />}
    </section>
  );
}
