/** Buttons that take a run elsewhere: as a link, as a trace file, as an animated picture. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ProblemNote } from "../controls/ProblemNote.tsx";
import { growth, run } from "../engine/runState.ts";
import { PicturePanel } from "./picture/PicturePanel.tsx";
import { copyLink, openFile, saveTrace, shareNote } from "./shareState.ts";

export function ShareBar() {
  void growth.value;
  const chooser = useRef<HTMLInputElement>(null);
  const showsPicture = useSignal(false);
  const shown = run.value;
  const isEmpty = !shown?.recording.start;
  return (
    <div class="share">
      <div class="buttons">
        <button
          type="button"
          class="quiet"
          title="A link with the prompt, the settings and the name of the model"
          onClick={() => void copyLink()}
        >
          Copy link
        </button>
        <button
          type="button"
          class="quiet"
          title="Save all passes of this run as a file"
          disabled={isEmpty}
          onClick={() => shown && void saveTrace(shown)}
        >
          Save trace
        </button>
        <button
          type="button"
          class="quiet"
          title="Play a run that this page or the command line has saved"
          onClick={() => chooser.current?.click()}
        >
          Open trace
        </button>
        <button
          type="button"
          class="quiet"
          aria-expanded={showsPicture.value}
          disabled={isEmpty}
          onClick={() => {
            showsPicture.value = !showsPicture.value;
          }}
        >
          Animated picture
        </button>
      </div>
      <input
        ref={chooser}
        type="file"
        accept=".jsonl,application/jsonl"
        aria-label="Trace file"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // The same file can be chosen again.
          currentTarget.value = "";
          if (file) void openFile(file);
        }}
      />
      <div aria-live="polite">
        <Note />
      </div>
      {showsPicture.value && shown && !isEmpty && <PicturePanel run={shown} />}
    </div>
  );
}

function Note() {
  const note = shareNote.value;
  switch (note?.kind) {
    case undefined:
      return null;
    case "done":
      return <p class="help">{note.text}</p>;
    case "failed":
      return <ProblemNote problem={note.problem} />;
    case "link":
      return (
        <label class="help">
          {note.text}
          <input
            type="text"
            readOnly
            value={note.address}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </label>
      );
  }
}
