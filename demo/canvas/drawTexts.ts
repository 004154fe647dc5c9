/** The texts of cells. */
import { columnsOf, shownText } from "./columns.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import { type CellBox, characterAspect } from "./layout.ts";
import type { Palette } from "./palette.ts";
import type { Placed } from "./placed.ts";

/** The sign of a control token. */
const controlText = "∙";

interface Writing {
  readonly text: string;
  readonly color: string;
  readonly alpha: number;
}

export function drawTexts(
  context: CanvasRenderingContext2D,
  placed: readonly Placed[],
  options: CanvasOptions,
): void {
  const { palette, layout, showsGuesses = true } = options;
  context.textBaseline = "middle";
  context.textAlign = "left";
  let color = "";
  let alpha = 1;
  for (const each of placed) {
    const writing = writingOf(each, palette, showsGuesses);
    // Spaces need no ink.
    if (!writing || writing.text.trim() === "") continue;
    if (writing.color !== color) {
      color = writing.color;
      context.fillStyle = color;
    }
    if (writing.alpha !== alpha) {
      alpha = writing.alpha;
      context.globalAlpha = alpha;
    }
    write(context, writing.text, each.box, layout.fontSize);
  }
  context.globalAlpha = 1;
}

function write(context: CanvasRenderingContext2D, text: string, box: CellBox, fontSize: number): void {
  const { inset } = box;
  const x = box.x + inset;
  const y = box.y + box.height / 2 + 0.5;
  const room = box.width - 2 * inset;
  // A text that is wider than its cell, such as a long guess, is made narrower. To ask for that costs time, so others do not.
  const isTight = columnsOf(text) * fontSize * characterAspect > room + 1;
  if (isTight) context.fillText(text, x, y, room);
  else context.fillText(text, x, y);
}

function writingOf({ cell, rest }: Placed, palette: Palette, showsGuesses: boolean): Writing | undefined {
  if (cell.state === "mask") {
    if (!showsGuesses || !cell.guess) return undefined;
    const { text, isControl, confidence } = cell.guess;
    // Few steps of transparency: each change of it costs time.
    const alpha = 0.4 + 0.15 * Math.round(confidence * 4);
    return { text: isControl ? controlText : shownText(text), color: palette.guess, alpha };
  }
  if (cell.isControl) return { text: controlText, color: palette.quiet, alpha: 1 };
  const text = shownText(cell.text);
  const isQuiet = cell.state === "filled" || /^[↵→]+$/.test(text) || (cell.isPrompt && /^<.+>$/.test(text));
  if (isQuiet) return { text, color: palette.quiet, alpha: 1 };
  if (cell.state === "given") return { text, color: palette.given, alpha: 1 };
  return { text, color: palette.text, alpha: 0.7 + 0.3 * rest };
}
