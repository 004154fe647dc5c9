/** The canvas of a lane, as cells or as text, and the history of the cell that is pointed at. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { ColorBy } from "../canvas/index.ts";
import { growth, runs } from "../engine/runState.ts";
import type { Lane } from "../run/index.ts";
import { CellCanvas } from "./CellCanvas.tsx";
import { CellHistory } from "./CellHistory.tsx";
import { DraftHistory } from "./DraftHistory.tsx";
import { EditableCells } from "./EditableCells.tsx";
import { EditBar } from "./EditBar.tsx";
import { draft, draftPicture } from "./editState.ts";
import { frameIndexes, recordings } from "./playbackState.ts";
import { SurfaceRoom } from "./SurfaceRoom.tsx";
import { TextView } from "./TextView.tsx";
import type { View } from "./ViewOptions.tsx";

interface LaneCanvasProps {
  readonly lane: Lane;
  readonly view: View;
  readonly colorBy: ColorBy;
  /** What stands in place of a canvas before the first frame. */
  readonly emptyText: string;
}

export function LaneCanvas({ lane, view, colorBy, emptyText }: LaneCanvasProps) {
  void growth.value;
  const historyId = useId();
  const focus = useSignal<number | undefined>(undefined);
  const recording = recordings.value[lane];
  const frame = frameIndexes.value[lane] ?? -1;
  const isEditable = lane === 0;
  const edited = isEditable ? draft.value : undefined;
  const Cells = isEditable ? EditableCells : CellCanvas;
  if (!recording || frame < 0) {
    return (
      <div class="canvas-room">
        <p class="empty">{emptyText}</p>
      </div>
    );
  }
  if (view === "text") {
    return (
      <div class="canvas-room">
        <TextView frame={(isEditable && draftPicture.value) || recording.frame(frame)} />
      </div>
    );
  }
  if (view === "surface") {
    return (
      <div class="canvas-room">
        <SurfaceRoom recording={recording} frame={frame} colorBy={colorBy} />
      </div>
    );
  }
  return (
    <>
      <div class="canvas-room">
        <Cells
          describedBy={historyId}
          recording={recording}
          frame={frame}
          isGrowing={runs.value[lane]?.status === "running"}
          colorBy={colorBy}
          showsPrompt={false}
          focus={focus.value}
          onFocus={(position) => {
            focus.value = position;
          }}
        />
      </div>
      {edited ? (
        <DraftHistory
          id={historyId}
          draft={edited}
          recording={recording}
          frame={frame}
          position={focus.value}
        />
      ) : (
        <CellHistory id={historyId} recording={recording} frame={frame} position={focus.value} />
      )}
      {isEditable && <EditBar />}
    </>
  );
}
