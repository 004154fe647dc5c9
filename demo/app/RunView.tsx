/** The runs: their numbers, their canvases as cells, as text or as a surface, the playback and the race. */
import { useSignal } from "@preact/signals";
import type { ColorBy } from "../canvas/index.ts";
import { ProblemNote } from "../controls/ProblemNote.tsx";
import { growth, run, runs } from "../engine/runState.ts";
import type { Lane } from "../run/index.ts";
import { ShareBar } from "../share/ShareBar.tsx";
import { ChartsCard } from "./ChartsCard.tsx";
import { draft, hasPins } from "./editState.ts";
import { LaneCanvas } from "./LaneCanvas.tsx";
import { LaneView } from "./LaneView.tsx";
import { Legend } from "./Legend.tsx";
import { laneSeries } from "./laneSeries.ts";
import { OpTable } from "./OpTable.tsx";
import { PlaybackBar } from "./PlaybackBar.tsx";
import { frameIndex, recording } from "./playbackState.ts";
import { Race } from "./Race.tsx";
import { RecoveryNote } from "./RecoveryNote.tsx";
import { RunNumbers } from "./RunNumbers.tsx";
import { statusWords } from "./statusWords.ts";
import { type View, ViewOptions } from "./ViewOptions.tsx";

export function RunView() {
  void growth.value;
  const view = useSignal<View>("cells");
  const colorBy = useSignal<ColorBy>("confidence");
  const isPair = runs.value.length > 1;
  const options = { view: view.value, colorBy: colorBy.value };
  return (
    <div class="run" data-status={run.value?.status ?? "idle"}>
      {!isPair && <RunNumbers series={laneSeries.value[0]} frame={frameIndex.value} />}
      <div class="canvas-card">
        <div class="card-head">
          {isPair ? (
            <p class="help">Run one after the other, played together.</p>
          ) : (
            <p class="status" role="status">
              {run.value?.file ?? (run.value ? statusWords[run.value.status] : "")}
            </p>
          )}
          <ViewOptions view={view} colorBy={colorBy} />
        </div>
        {isPair ? (
          <div class="lanes">
            {runs.value.map((_, lane) => (
              <LaneView key={lane} lane={lane as Lane} {...options} />
            ))}
          </div>
        ) : (
          <LaneCanvas lane={0} {...options} emptyText="Run the prompt, and watch the masks turn into text." />
        )}
        {recording.value && view.value !== "text" && (
          <Legend
            colorBy={colorBy.value}
            isSurface={view.value === "surface"}
            hasPins={hasPins(recording.value, draft.value)}
            isDraft={draft.value !== undefined}
          />
        )}
        <fieldset disabled={draft.value !== undefined}>
          <PlaybackBar />
        </fieldset>
        <ShareBar />
      </div>
      <RecoveryNote run={run.value} />
      {!isPair && run.value?.problem && <ProblemNote problem={run.value.problem} />}
      <ChartsCard />
      {!draft.value && <Race />}
      <OpTable />
    </div>
  );
}
