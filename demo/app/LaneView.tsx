/** One of two lanes: how it decodes, how its run goes, its numbers and its canvas. */
import type { ColorBy } from "../canvas/index.ts";
import { ProblemNote } from "../controls/ProblemNote.tsx";
import { type Run, runs } from "../engine/runState.ts";
import { type Lane, laneNames } from "../run/index.ts";
import { LaneCanvas } from "./LaneCanvas.tsx";
import { laneSeries } from "./laneSeries.ts";
import { frameIndexes } from "./playbackState.ts";
import { RunNumbers } from "./RunNumbers.tsx";
import { statusWords } from "./statusWords.ts";
import type { View } from "./ViewOptions.tsx";

interface LaneViewProps {
  readonly lane: Lane;
  readonly view: View;
  readonly colorBy: ColorBy;
}

export function LaneView({ lane, view, colorBy }: LaneViewProps) {
  const run = runs.value[lane];
  if (!run) return null;
  return (
    <section class="lane-view" data-lane={laneNames[lane]} aria-label={`Lane ${laneNames[lane]}`}>
      <div class="card-head">
        <h2>
          <span class="lane-badge">{laneNames[lane]}</span> {strategyOf(run)}
        </h2>
        <p class="status" role="status">
          {statusWords[run.status]}
        </p>
      </div>
      <RunNumbers series={laneSeries.value[lane]} frame={frameIndexes.value[lane] ?? -1} />
      <LaneCanvas
        lane={lane}
        view={view}
        colorBy={colorBy}
        emptyText={lane === 0 ? "A short warm-up comes first." : "Runs when A has ended."}
      />
      {run.problem && <ProblemNote problem={run.problem} />}
    </section>
  );
}

function strategyOf({ request: { decoder, cache, smoothing } }: Run): string {
  return `${decoder?.name}, cache ${cache?.name}${smoothing ? ", smoothed" : ""}`;
}
