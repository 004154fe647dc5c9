/** The text view of a frame: the same cells as text in runs, each with a class. */
import type { Cell, Frame } from "../run/index.ts";

export interface TextRun {
  readonly text: string;
  /** A class for the run's `span`, for example `commit sure fresh`. */
  readonly className: string;
  /** The positions of the run: [start, end). */
  readonly start: number;
  readonly end: number;
}

export interface TextRunOptions {
  readonly showsPrompt?: boolean;
  /** Whether a mask shows its best guess; else `░`. */
  readonly showsGuesses?: boolean;
}

const maskText = "░";

/** Neighbouring cells of the same class make one run. */
export function textRuns({ cells }: Frame, options: TextRunOptions = {}): readonly TextRun[] {
  const { showsPrompt = true, showsGuesses = false } = options;
  const runs: { text: string; className: string; start: number; end: number }[] = [];
  for (const cell of cells) {
    if (cell.isPrompt && !showsPrompt) continue;
    const hasGuess = showsGuesses && cell.guess !== undefined;
    const className = classOf(cell, hasGuess);
    const text = textOf(cell, hasGuess);
    const last = runs.at(-1);
    if (last?.className === className && last.end === cell.position) {
      last.text += text;
      last.end++;
    } else runs.push({ text, className, start: cell.position, end: cell.position + 1 });
  }
  return runs;
}

/** Control tokens have no text. */
function textOf({ state, text, guess, isControl }: Cell, hasGuess: boolean): string {
  if (state !== "mask") return isControl ? "" : text;
  if (!hasGuess) return maskText;
  return guess!.isControl ? "" : guess!.text;
}

function classOf(cell: Cell, hasGuess: boolean): string {
  const { state, isPrompt, confidence, change, isEdited } = cell;
  if (state === "mask") return hasGuess ? "guess" : "mask";
  if (state === "given") return isPrompt ? "prompt" : "pinned";
  if (state === "filled") return "filled";
  const certainty =
    confidence === undefined ? "" : confidence >= 0.9 ? "sure" : confidence >= 0.5 ? "likely" : "unsure";
  return ["commit", certainty, isEdited ? "edited" : "", change ? "fresh" : ""].filter(Boolean).join(" ");
}
