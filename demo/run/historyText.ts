/** An entry of a position's history in words. */
import type { HistoryEntry } from "./history.ts";

const verbs = { guess: "guess", commit: "committed", edit: "changed to", fill: "filled with" } as const;

export function historyText({ kind, text, confidence }: HistoryEntry): string {
  if (kind === "revoke") return "masked again";
  const share = confidence === undefined ? "" : ` ${Math.round(100 * confidence)} %`;
  return `${verbs[kind]} “${text}”${share}`;
}
