/** What keys do on the canvas, and where the focus of the keyboard goes. */
import {
  extendFrom,
  insertMasks,
  maskCells,
  noSelection,
  press,
  removeCells,
  select,
} from "../edit/index.ts";
import {
  draft,
  editSelected,
  generateAgain,
  redoEdit,
  selected,
  selection,
  setSelection,
  undoEdit,
} from "./editState.ts";
import { frameIndex, recording } from "./playbackState.ts";

export const cellsId = "answer-cells";
export const fieldId = "pin-text";

export function focusOn(id: typeof cellsId | typeof fieldId): void {
  document.getElementById(id)?.focus();
}

/**
 * @param focus the position that is pointed at
 * @param target the position that the key leads to, if it moves
 */
export function onCellKey(event: KeyboardEvent, focus: number | undefined, target: number | undefined): void {
  const { key, shiftKey, altKey } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  if (target !== undefined) {
    if (shiftKey) setSelection(extendFrom(selection.value, focus ?? target, target, { adds: isCommand }));
    return;
  }
  const act = isCommand
    ? commands(shiftKey)[key.length === 1 ? key.toLowerCase() : key]
    : actions(focus, shiftKey)[key];
  if (act) {
    event.preventDefault();
    act();
  } else if (key.length === 1 && !isCommand && !altKey) {
    // The character goes where the focus is by then.
    selectAtLeast(focus);
    if (selected.value.size > 0) focusOn(fieldId);
  }
}

type Actions = Readonly<Record<string, (() => void) | undefined>>;

function commands(shiftKey: boolean): Actions {
  return {
    a: () => setSelection(select(answerPositions())),
    z: shiftKey ? redoEdit : undoEdit,
    y: redoEdit,
    Enter: generateAgain,
  };
}

function actions(focus: number | undefined, shiftKey: boolean): Actions {
  const erase = () => {
    selectAtLeast(focus);
    editSelected(shiftKey ? removeCells : maskCells);
  };
  return {
    Escape: () => setSelection(noSelection),
    " ": () => focus !== undefined && setSelection(press(selection.value, focus, { adds: true })),
    Delete: erase,
    Backspace: erase,
    Insert: () => {
      selectAtLeast(focus);
      editSelected(insertMasks);
    },
    Enter: () => {
      selectAtLeast(focus);
      focusOn(fieldId);
    },
  };
}

/** Without a selection, keys are for the position that is pointed at. */
function selectAtLeast(focus: number | undefined): void {
  if (selected.value.size === 0 && focus !== undefined) setSelection(press(noSelection, focus));
}

function answerPositions(): readonly number[] {
  const shown = recording.value;
  if (!shown || frameIndex.value < 0) return [];
  const length = draft.value?.cells.length ?? shown.frame(frameIndex.value).cells.length - shown.promptEnd;
  return Array.from({ length }, (_, index) => shown.promptEnd + index);
}
