/** What happened at the position that is pointed at, in words. */
import { historyOf, historyText, type Recording } from "../run/index.ts";

interface CellHistoryProps {
  readonly id: string;
  readonly recording: Recording;
  readonly frame: number;
  readonly position: number | undefined;
}

/** Guesses before these many are left out. */
const maxEntries = 6;

export function CellHistory({ id, recording, frame, position }: CellHistoryProps) {
  return (
    <p class="history" id={id} aria-live="polite">
      {position === undefined || position < recording.promptEnd || position >= recording.length
        ? "Point at a cell to see its history."
        : describe(recording, frame, position)}
    </p>
  );
}

function describe(recording: Recording, frame: number, position: number) {
  const place = `Position ${position - recording.promptEnd}`;
  const cell = recording.frame(frame).cells[position];
  if (!recording.isUndecidedAtStart(position))
    return `${place}: “${cell?.text ?? ""}”, pinned. The model does not decide it.`;
  if (historyOf(recording, position, frame).length === 0) return `${place}: masked.`;
  return (
    <>
      {place}:<HistoryEntries recording={recording} frame={frame} position={position} />
    </>
  );
}

interface HistoryEntriesProps {
  readonly recording: Recording;
  readonly frame: number;
  readonly position: number;
}

export function HistoryEntries({ recording, frame, position }: HistoryEntriesProps) {
  const entries = historyOf(recording, position, frame);
  return (
    <>
      {entries.length > maxEntries && " …"}
      {entries.slice(-maxEntries).map((entry) => (
        <span key={`${entry.frame} ${entry.kind}`} class={`entry ${entry.kind}`}>
          pass {entry.frame} {historyText(entry)}
        </span>
      ))}
    </>
  );
}
