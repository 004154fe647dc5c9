/** Which cells look otherwise than in the frame that was drawn before: from one pass to the next most of them stay as they are. */
import type { Cell, Guess } from "../run/index.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import { guessLevel } from "./drawGrounds.ts";
import { guessAlpha } from "./drawTexts.ts";
import { groundOf } from "./groundOf.ts";
import type { Placed } from "./placed.ts";

/** @returns undefined where everything has to be drawn anew */
export function changedCells(
  placed: readonly Placed[],
  options: CanvasOptions,
  before: CanvasOptions | undefined,
): readonly Placed[] | undefined {
  if (!before || !hasSameStyle(before, options)) return undefined;
  const cells = before.frame.cells;
  const changed = placed.filter(({ cell, box }) => {
    const old = cells[cell.position];
    return !old || !looksTheSame(old, cell, box.height, before, options);
  });
  // Many small changes cost more than one large one.
  return changed.length > 0.7 * placed.length ? undefined : changed;
}

function hasSameStyle(a: CanvasOptions, b: CanvasOptions): boolean {
  return (
    a.layout === b.layout &&
    a.palette === b.palette &&
    a.colorBy === b.colorBy &&
    a.showsGuesses === b.showsGuesses &&
    a.isDraft === b.isDraft &&
    a.fontFamily === b.fontFamily &&
    hasCached(a) === hasCached(b)
  );
}

/** Whether a pass took cells from the cache: only then those that it computed are marked. */
export function hasCached({ frame, layout }: Pick<CanvasOptions, "frame" | "layout">): boolean {
  return layout.boxes.some(({ position }) => frame.cells[position]?.isRecomputed === false);
}

function looksTheSame(a: Cell, b: Cell, height: number, before: CanvasOptions, now: CanvasOptions): boolean {
  if (
    a.state !== b.state ||
    a.text !== b.text ||
    a.isControl !== b.isControl ||
    a.isEdited !== b.isEdited ||
    a.isRecomputed !== b.isRecomputed
  )
    return false;
  if (a.state === "mask") return guessesLookTheSame(a.guess, b.guess, height);
  const ground = (cell: Cell, { frame, palette, colorBy }: CanvasOptions) =>
    groundOf(cell, frame, palette, colorBy);
  return a.state !== "committed" || ground(a, before) === ground(b, now);
}

function guessesLookTheSame(a: Guess | undefined, b: Guess | undefined, height: number): boolean {
  if (!a || !b) return a === b;
  return (
    a.text === b.text &&
    a.isControl === b.isControl &&
    guessAlpha(a) === guessAlpha(b) &&
    guessLevel(a, height) === guessLevel(b, height)
  );
}
