/** The canvas of a run, or of its edited answer, with cells that can be selected. */
import { useMemo } from "preact/hooks";
import type { ColorBy, Frames } from "../canvas/index.ts";
import { draftFrame, drag, noSelection, press } from "../edit/index.ts";
import type { Recording } from "../run/index.ts";
import { CellCanvas, type CellGestures } from "./CellCanvas.tsx";
import { onCellKey } from "./editKeys.ts";
import { draft, edits, selected, selection, selectsByTouch, setSelection } from "./editState.ts";

interface EditableCellsProps {
  readonly recording: Recording;
  readonly frame: number;
  readonly colorBy: ColorBy;
  readonly focus: number | undefined;
  readonly onFocus: (position: number | undefined) => void;
}

export function EditableCells({ recording, frame, colorBy, focus, onFocus }: EditableCellsProps) {
  const edited = draft.value;
  const source = edits.value?.frame ?? 0;
  const frames = useMemo((): Frames | undefined => {
    if (!edited) return undefined;
    const picture = draftFrame(edited, source);
    return { frameCount: 1, promptEnd: edited.prompt.length, frame: () => picture };
  }, [edited, source]);
  const gestures: CellGestures = {
    selection: selected.value,
    isDraft: edited !== undefined,
    selectsByTouch: selectsByTouch.value,
    onPress,
    onDrag: (position) => {
      selection.value = drag(selection.value, position);
    },
    onKey: (event, target) => onCellKey(event, focus, target),
  };
  return (
    <CellCanvas
      recording={frames ?? recording}
      frame={frames ? 0 : frame}
      colorBy={colorBy}
      showsPrompt={false}
      focus={focus}
      onFocus={onFocus}
      gestures={gestures}
    />
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
