/** The canvas of a run, or of its edited answer, with cells that can be selected. */
import { useMemo } from "preact/hooks";
import type { Frames } from "../canvas/index.ts";
import { drag, noSelection, press } from "../edit/index.ts";
import type { Recording } from "../run/index.ts";
import { CellCanvas, type CellCanvasProps, type CellGestures } from "./CellCanvas.tsx";
import { onCellKey } from "./editKeys.ts";
import { draftPicture, selected, selection, selectsByTouch, setSelection } from "./editState.ts";

type EditableCellsProps = Omit<CellCanvasProps, "recording" | "gestures"> & { readonly recording: Recording };

export function EditableCells(props: EditableCellsProps) {
  const { recording, frame, focus } = props;
  const picture = draftPicture.value;
  const frames = useMemo((): Frames | undefined => {
    if (!picture) return undefined;
    const { promptEnd } = recording;
    return { frameCount: 1, length: picture.cells.length, promptEnd, frame: () => picture };
  }, [picture, recording]);
  const gestures: CellGestures = {
    selection: selected.value,
    isDraft: picture !== undefined,
    selectsByTouch: selectsByTouch.value,
    onPress,
    onDrag: (position) => {
      selection.value = drag(selection.value, position);
    },
    onKey: (event, target) => onCellKey(event, focus, target),
  };
  return (
    <CellCanvas {...props} recording={frames ?? recording} frame={frames ? 0 : frame} gestures={gestures} />
  );
}

/** Beside all cells, a press selects nothing. */
function onPress(position: number | undefined, event: PointerEvent): boolean {
  const isFinger = event.pointerType === "touch";
  if (isFinger && !selectsByTouch.value) return false;
  const adds = isFinger || event.ctrlKey || event.metaKey;
  if (position !== undefined) {
    setSelection(press(selection.value, position, { adds, extends: event.shiftKey }));
  } else if (!adds && !event.shiftKey) setSelection(noSelection);
  return position !== undefined;
}
