/** What a pointer is on, in the words of a cell's history. */
import { type HistoryEntry, historyOf, historyText, type Recording } from "../run/index.ts";

/** @param position of the canvas */
export function placeText(recording: Recording, position: number, frame: number): string {
  const when = frame === 0 ? "Before the first pass" : `Pass ${frame}`;
  return `${when}, position ${position - recording.promptEnd}: ${stateText(recording, position, frame)}.`;
}

function stateText(recording: Recording, position: number, frame: number): string {
  if (recording.firstFrameOf(position) > frame) return "not there yet";
  const entries = historyOf(recording, position);
  const now = entries.findLast((entry) => entry.frame <= frame);
  if (!recording.isUndecidedAtStart(position) && !now) return "given, and not to be decided";
  const isDecided = now !== undefined && now.kind !== "guess";
  const place = now ? historyText(now) : "masked";
  if (isDecided) return now.frame === frame ? `${place} in this pass` : `${place} in pass ${now.frame}`;
  const next = entries.find((entry) => entry.frame > frame && entry.kind !== "guess");
  return next ? `${place}, ${laterText(next, now)}` : place;
}

const later = { commit: "committed", edit: "changed", fill: "filled" } as const;

/** The text is said again where it will be another one. */
function laterText(next: HistoryEntry, now: HistoryEntry | undefined): string {
  if (next.kind === "revoke") return `masked again in pass ${next.frame}`;
  if (next.kind === "guess") throw new TypeError("A guess decides nothing");
  const text = now && next.text !== now.text ? ` as “${next.text}”` : "";
  return `${later[next.kind]}${text} in pass ${next.frame}`;
}
