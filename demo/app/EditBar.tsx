/** What is selected and edited, in words, and the tools that edit it. */
import { useSignal } from "@preact/signals";
import { ProblemNote } from "../controls/ProblemNote.tsx";
import { draftText, insertMasks, maskCells, removeCells, selectionText } from "../edit/index.ts";
import { cellsId, fieldId, focusOn } from "./editKeys.ts";
import {
  canGenerate,
  discardEdits,
  draft,
  editProblem,
  editSelected,
  edits,
  generateAgain,
  pinText,
  redoEdit,
  selected,
  selectsByTouch,
  undoEdit,
  whyNoEdit,
} from "./editState.ts";

export function EditBar() {
  const edited = draft.value;
  if (whyNoEdit.value) return <p class="help">{whyNoEdit.value}</p>;
  const { past = [], future = [] } = edits.value?.history ?? {};
  const isNothing = selected.value.size === 0;
  const words = [selectionText(selected.value.size), edited ? draftText(edited) : ""].filter(Boolean);
  return (
    <section class="edit" aria-label="Edit the answer">
      <p class="edit-status" role="status">
        {words.length > 0 ? words.join(". ") : "Select cells to mask them, or to type in their place."}
      </p>
      <div class="edit-tools">
        <button
          type="button"
          class="chip touch-only"
          aria-pressed={selectsByTouch.value}
          onClick={() => {
            selectsByTouch.value = !selectsByTouch.value;
          }}
        >
          Select
        </button>
        <Tool text="Mask" keys="Delete" isOff={isNothing} onUse={() => editSelected(maskCells)} />
        <Tool text="Add mask" keys="Insert" isOff={isNothing} onUse={() => editSelected(insertMasks)} />
        <Tool text="Remove" keys="Shift+Delete" isOff={isNothing} onUse={() => editSelected(removeCells)} />
        <PinField isOff={isNothing} />
        <span class="edit-history">
          <Tool text="Undo" keys="Control+Z" isOff={past.length === 0} onUse={undoEdit} />
          <Tool text="Redo" keys="Control+Shift+Z" isOff={future.length === 0} onUse={redoEdit} />
          <Tool text="Discard" isOff={!edited} onUse={discardEdits} />
        </span>
        <button
          type="button"
          class="primary again"
          title="Ctrl+Enter"
          aria-keyshortcuts="Control+Enter"
          disabled={!canGenerate.value}
          onClick={generateAgain}
        >
          Generate again
        </button>
      </div>
      {editProblem.value && <ProblemNote problem={editProblem.value} />}
    </section>
  );
}

interface ToolProps {
  readonly text: string;
  readonly keys?: string;
  readonly isOff: boolean;
  readonly onUse: () => void;
}

function Tool({ text, keys, isOff, onUse }: ToolProps) {
  return (
    <button
      type="button"
      class="chip"
      title={keys?.replace("Control", "Ctrl")}
      aria-keyshortcuts={keys}
      disabled={isOff}
      onClick={onUse}
    >
      {text}
    </button>
  );
}

/** Enter puts the text in place of the selected cells; Escape leaves it. */
function PinField({ isOff }: { readonly isOff: boolean }) {
  const text = useSignal("");
  const leave = () => {
    text.value = "";
    focusOn(cellsId);
  };
  return (
    <form
      class="pin-field"
      onSubmit={async (event) => {
        event.preventDefault();
        if (!isOff && text.value !== "" && (await pinText(text.value))) leave();
      }}
    >
      {/* Never disabled: typing on the canvas moves the focus here in the moment in which it selects. */}
      <input
        id={fieldId}
        type="text"
        aria-label="Text in place of the selected cells"
        placeholder="Type in their place"
        spellcheck={false}
        autocomplete="off"
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") leave();
        }}
      />
      <button type="submit" class="chip" disabled={isOff}>
        Pin
      </button>
    </form>
  );
}
