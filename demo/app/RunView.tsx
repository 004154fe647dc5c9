/** The run: its numbers, its canvas as cells or as text, its playback and the race. */
import { useSignal } from "@preact/signals";
import type { ColorBy } from "../canvas/index.ts";
import { ProblemNote } from "../controls/ProblemNote.tsx";
import { growth, run } from "../engine/runState.ts";
import { CellHistory } from "./CellHistory.tsx";
import { DraftHistory } from "./DraftHistory.tsx";
import { EditableCells } from "./EditableCells.tsx";
import { EditBar } from "./EditBar.tsx";
import { draft, draftPicture, hasPins } from "./editState.ts";
import { Legend } from "./Legend.tsx";
import { PlaybackBar } from "./PlaybackBar.tsx";
import { frameIndex, recording } from "./playbackState.ts";
import { Race } from "./Race.tsx";
import { RunNumbers } from "./RunNumbers.tsx";
import { TextView } from "./TextView.tsx";
import { ViewOptions } from "./ViewOptions.tsx";

const words = { running: "Running", done: "Done", cancelled: "Cancelled", failed: "Failed" } as const;

export function RunView() {
  void growth.value;
  const view = useSignal<"cells" | "text">("cells");
  const colorBy = useSignal<ColorBy>("confidence");
  const focus = useSignal<number | undefined>(undefined);
  const shown = recording.value;
  const frame = frameIndex.value;
  return (
    <div class="run" data-status={run.value?.status ?? "idle"}>
      <RunNumbers recording={shown} frame={frame} />
      <div class="canvas-card">
        <div class="card-head">
          <p class="status" role="status">
            {run.value ? words[run.value.status] : ""}
          </p>
          <ViewOptions view={view} colorBy={colorBy} />
        </div>
        <div class="canvas-room">
          {!shown || frame < 0 ? (
            <p class="empty">Run the prompt, and watch the masks turn into text.</p>
          ) : view.value === "text" ? (
            <TextView frame={draftPicture.value ?? shown.frame(frame)} />
          ) : (
            <EditableCells
              recording={shown}
              frame={frame}
              colorBy={colorBy.value}
              focus={focus.value}
              onFocus={(position) => {
                focus.value = position;
              }}
            />
          )}
        </div>
        {shown && view.value === "cells" && (
          <>
            <Legend
              colorBy={colorBy.value}
              hasPins={hasPins(shown, draft.value)}
              isDraft={draft.value !== undefined}
            />
            {draft.value ? (
              <DraftHistory draft={draft.value} recording={shown} frame={frame} position={focus.value} />
            ) : (
              <CellHistory recording={shown} frame={frame} position={focus.value} />
            )}
            <EditBar />
          </>
        )}
        <fieldset disabled={draft.value !== undefined}>
          <PlaybackBar />
        </fieldset>
      </div>
      {run.value?.problem && <ProblemNote problem={run.value.problem} />}
      {!draft.value && <Race />}
    </div>
  );
}
