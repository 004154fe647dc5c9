/** The texts of cells. */

import type { Guess } from "../run/index.ts";
import type { Context2D } from "./context.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import { type CellBox, characterAspect } from "./layout.ts";
import type { Palette } from "./palette.ts";
import type { Placed } from "./placed.ts";
import { type ShownText, shownText } from "./shownText.ts";

type Context = Context2D;

/** The sign of a control token that stands in an answer. */
const controlText = shownText("∙");

interface Writing {
  readonly shown: ShownText;
  readonly color: string;
  readonly alpha: number;
}

export function drawTexts(context: Context, placed: readonly Placed[], options: CanvasOptions): void {
  const { palette, layout, showsGuesses = true } = options;
  context.textBaseline = "middle";
  context.textAlign = "left";
  let color = "";
  let alpha = 1;
  for (const each of placed) {
    const writing = writingOf(each, palette, showsGuesses);
    if (!writing || writing.shown.isBlank) continue;
    if (writing.color !== color) {
      color = writing.color;
      context.fillStyle = color;
    }
    if (writing.alpha !== alpha) {
      alpha = writing.alpha;
      context.globalAlpha = alpha;
    }
    write(context, writing.shown, each.box, layout.fontSize);
  }
  context.globalAlpha = 1;
}

function write(context: Context, { text, columns }: ShownText, box: CellBox, fontSize: number): void {
  const x = box.x + box.inset;
  const y = box.y + box.height / 2 + 0.5;
  const room = box.width - 2 * box.inset;
  // A text that is wider than its cell, such as a long guess, is made narrower. To ask for that costs time, so others do not.
  // Where other fonts stand in, for other scripts, the columns are a guess: there the text must not leave its cell either.
  const isTight = columns !== text.length || columns * fontSize * characterAspect > room + 1;
  if (isTight) context.fillText(text, x, y, room);
  else context.fillText(text, x, y);
}

/** Few steps of transparency: each change of it costs time. */
export function guessAlpha({ confidence }: Guess): number {
  return 0.4 + 0.15 * Math.round(confidence * 4);
}

function writingOf({ cell }: Placed, palette: Palette, showsGuesses: boolean): Writing | undefined {
  if (cell.state === "mask") {
    if (!showsGuesses || !cell.guess) return undefined;
    const { text, isControl } = cell.guess;
    return {
      shown: isControl ? controlText : shownText(text),
      color: palette.guess,
      alpha: guessAlpha(cell.guess),
    };
  }
  if (cell.isControl) return { shown: controlText, color: palette.quiet, alpha: 1 };
  const shown = shownText(cell.text);
  const isQuiet = cell.state === "filled" || shown.isSign || (cell.isPrompt && shown.isControl);
  if (isQuiet) return { shown, color: palette.quiet, alpha: 1 };
  if (cell.state === "given" && cell.isPrompt) return { shown, color: palette.given, alpha: 1 };
  return { shown, color: palette.text, alpha: 1 };
}
