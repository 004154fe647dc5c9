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
      {position === undefined || position >= recording.length
        ? "Point at a cell to see its history."
        : describe(recording, frame, position)}
    </p>
  );
}

function describe(recording: Recording, frame: number, position: number) {
  const entries = historyOf(recording, position, frame);
  const place = `Position ${position - recording.promptEnd}`;
  if (!recording.isUndecidedAtStart(position)) return `${place}: given, and not to be decided.`;
  if (entries.length === 0) return `${place}: masked.`;
  return (
    <>
      {place}:{entries.length > maxEntries && " …"}
      {entries.slice(-maxEntries).map((entry) => (
        <span key={`${entry.frame} ${entry.kind}`} class={`entry ${entry.kind}`}>
          pass {entry.frame} {historyText(entry)}
        </span>
      ))}
    </>
  );
}
