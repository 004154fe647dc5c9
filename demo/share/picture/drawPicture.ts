/** A frame of an animated picture: the prompt, the cells, and the numbers of the run. */
import {
  type ColorBy,
  type Context2D,
  darkPalette,
  defaultFontFamily,
  drawCanvas,
  type Layout,
  layOut,
  lightPalette,
} from "../../canvas/index.ts";
import { countersAt, type Recording, type Series, seriesOf } from "../../run/index.ts";
import type { PictureFrame, PicturePlan } from "./picturePlan.ts";
import type { Scheme, SchemeColors } from "./scheme.ts";

export interface PictureStyle {
  readonly scheme: Scheme;
  readonly colors: SchemeColors;
  readonly colorBy: ColorBy;
}

export interface Caption {
  readonly prompt: string;
  readonly decoder: string;
}

/** CSS pixels. */
const width = 808;
const padding = 30;
const fontSize = 17;
const headHeight = 70;
const footHeight = 64;
/** The cells begin this far inside of their layout. */
const layoutMargin = 6;

export interface Picture {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** @returns whether the next frame differs, even of the same pass */
  draw(context: Context2D, frame: PictureFrame): boolean;
}

export function pictureOf(
  recording: Recording,
  plan: PicturePlan,
  caption: Caption,
  style: PictureStyle,
): Picture {
  const layout = layOut(recording, {
    width: width - 2 * padding + 2 * layoutMargin,
    fontSize,
    showsPrompt: false,
  });
  const height = headHeight + layout.height + footHeight;
  const series = seriesOf(recording);
  return {
    width,
    height,
    draw(context, frame) {
      const isMoving = drawCells(context, recording, layout, plan, style, frame);
      drawHead(context, caption.prompt, style.colors);
      drawFoot(context, height, footText(caption.decoder, series, frame.frame), style.colors);
      // The cells clear what lies under them: the ground comes last, and below.
      context.globalCompositeOperation = "destination-over";
      context.fillStyle = style.colors.ground;
      context.fillRect(0, 0, width, height);
      context.globalCompositeOperation = "source-over";
      return isMoving;
    },
  };
}

function drawCells(
  context: Context2D,
  recording: Recording,
  layout: Layout,
  { starts }: PicturePlan,
  { scheme, colorBy }: PictureStyle,
  { frame, atMs }: PictureFrame,
): boolean {
  context.save();
  context.translate(padding - layoutMargin, headHeight);
  const isMoving = drawCanvas(context, {
    frame: recording.frame(frame),
    layout,
    palette: scheme === "dark" ? darkPalette : lightPalette,
    colorBy,
    sinceMs: (index) => atMs - starts[index]!,
  });
  context.restore();
  return isMoving;
}

function drawHead(context: Context2D, prompt: string, colors: SchemeColors): void {
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.font = `600 17px ${defaultFontFamily}`;
  const room = width - 2 * padding - 22;
  const y = headHeight / 2 + 3;
  context.fillStyle = colors.accent;
  context.fillText("›", padding, y);
  context.fillStyle = colors.ink;
  context.fillText(shortened(context, prompt.replaceAll(/\s+/g, " ").trim(), room), padding + 22, y);
}

/** Cut at the end, where it is too long. */
function shortened(context: Context2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const characters = [...text];
  while (characters.length > 0 && context.measureText(`${characters.join("")}…`).width > room)
    characters.pop();
  return `${characters.join("")}…`;
}

function footText(decoder: string, series: Series, frame: number): string {
  const { forwards, tokensPerForward } = countersAt(series, frame);
  const last = series.forwards.at(-1)!;
  const count = String(forwards).padStart(String(last).length);
  const rate = tokensPerForward === undefined ? "–" : tokensPerForward.toFixed(1);
  return `${decoder}   ${count} ${forwards === 1 ? "forward " : "forwards"}   ${rate} tokens a forward`;
}

function drawFoot(context: Context2D, height: number, text: string, colors: SchemeColors): void {
  const y = height - footHeight / 2 - 1;
  context.fillStyle = colors.inkSoft;
  context.font = `14px ${defaultFontFamily}`;
  context.fillText(text, padding, y);
  drawWordmark(context, y, colors);
}

/** The page's own: the second half stands on the accent. */
function drawWordmark(context: Context2D, y: number, colors: SchemeColors): void {
  context.font = `700 18px ${defaultFontFamily}`;
  const [before, after] = ["un", "mask"];
  const afterWidth = context.measureText(after).width;
  const x = width - padding - afterWidth - 5;
  context.fillStyle = colors.accent;
  context.beginPath();
  context.roundRect(x - 4, y - 13, afterWidth + 9, 25, 4);
  context.fill();
  context.fillStyle = colors.accentInk;
  context.fillText(after, x, y);
  context.fillStyle = colors.ink;
  context.fillText(before, x - 6 - context.measureText(before).width, y);
}
