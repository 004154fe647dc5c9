/** What lies under the texts: the colours of commits, masks that fill up as their guess gets surer, and flashes. */

import type { Guess } from "../run/index.ts";
import type { Context2D } from "./context.ts";
import type { CanvasOptions } from "./drawCanvas.ts";
import { isPinned } from "./drawPins.ts";
import { groundOf } from "./groundOf.ts";
import type { Placed } from "./placed.ts";

export const radius = 3;

/** CSS pixels from a mask's bottom to which its guess fills it. */
export function guessLevel({ confidence }: Guess, height: number): number {
  return Math.round((height - 2) * confidence);
}

type Context = Context2D;

/** Grounds of the same colour are filled as one path: to change the colour costs more than to fill. */
export function drawGrounds(context: Context, placed: readonly Placed[], options: CanvasOptions): void {
  const { frame, palette, colorBy, showsGuesses = true, isDraft = false } = options;
  const paths = new Map<string, Path2D>();
  const pathOf = (color: string) => {
    const path = paths.get(color) ?? new Path2D();
    paths.set(color, path);
    return path;
  };
  const masks = new Path2D();
  const levels = new Path2D();
  for (const { cell, box } of placed) {
    const { x, y, width, height } = box;
    if (cell.state === "mask") {
      masks.roundRect(x + 0.5, y + 0.5, width - 1, height - 1, radius);
      if (!cell.guess || !showsGuesses) continue;
      const level = guessLevel(cell.guess, height);
      levels.rect(x + 1, y + height - 1 - level, width - 2, level);
    } else if (isPinned(cell)) {
      pathOf(palette.pinned).roundRect(x, y, width, height, radius);
    } else if (cell.state === "committed" && !cell.isControl) {
      pathOf(groundOf(cell, frame, palette, colorBy)).roundRect(x, y, width, height, radius);
    }
  }
  for (const [color, path] of paths) {
    context.fillStyle = color;
    context.fill(path);
  }
  context.fillStyle = palette.mask;
  context.fill(masks);
  context.fillStyle = palette.guessLevel;
  context.fill(levels);
  context.strokeStyle = isDraft ? palette.open : palette.maskBorder;
  context.lineWidth = isDraft ? 1.5 : 1;
  if (isDraft) context.setLineDash([3, 2]);
  context.stroke(masks);
  context.setLineDash([]);
}

/** A commit glows and fades into its ground; an edit glows in a colour of its own. */
export function drawFlashes(context: Context, placed: readonly Placed[], { palette }: CanvasOptions): void {
  context.lineWidth = 1.5;
  for (const { cell, box, rest } of placed) {
    if (rest >= 1 || cell.state !== "committed") continue;
    const grow = 4 * rest;
    const color = cell.isEdited ? palette.edit : palette.flash;
    const left = (1 - rest) * (cell.isControl ? 0.5 : 1);
    context.globalAlpha = 0.55 * left;
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(box.x, box.y, box.width, box.height, radius);
    context.fill();
    context.globalAlpha = left;
    context.strokeStyle = color;
    context.beginPath();
    context.roundRect(box.x - grow, box.y - grow, box.width + 2 * grow, box.height + 2 * grow, radius + grow);
    context.stroke();
  }
  context.globalAlpha = 1;
}
