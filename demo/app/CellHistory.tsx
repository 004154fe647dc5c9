/** What happened at the position that is pointed at, in words. */
import { type HistoryEntry, historyOf, type Recording } from "../run/index.ts";

interface CellHistoryProps {
  readonly recording: Recording;
  readonly frame: number;
  readonly position: number | undefined;
}

/** Guesses before these many are left out. */
const maxEntries = 6;

export function CellHistory({ recording, frame, position }: CellHistoryProps) {
  return (
    <p class="history" id="cell-history" aria-live="polite">
      {position === undefined || position >= recording.length
        ? "Point at a cell to see its history."
        : describePosition(recording, frame, position)}
    </p>
  );
}

/** What happened at a position up to a frame. */
export function describePosition(recording: Recording, frame: number, position: number) {
  const entries = historyOf(recording, position, frame);
  const place = `Position ${position - recording.promptEnd}`;
  if (!recording.isUndecidedAtStart(position))
    return `${place}: “${recording.frame(frame).cells[position]?.text ?? ""}”, pinned. The model does not decide it.`;
  if (entries.length === 0) return `${place}: masked.`;
  return (
    <>
      {place}:{entries.length > maxEntries && " …"}
      {entries.slice(-maxEntries).map((entry) => (
        <span key={`${entry.frame} ${entry.kind}`} class={`entry ${entry.kind}`}>
          {entryText(entry)}
        </span>
      ))}
    </>
  );
}

const verbs = { guess: "guess", commit: "committed", edit: "changed to", fill: "filled with" } as const;

function entryText({ frame, kind, text, confidence }: HistoryEntry): string {
  const share = confidence === undefined ? "" : ` ${Math.round(100 * confidence)} %`;
  return `pass ${frame} ${verbs[kind]} “${text}”${share}`;
}
